"""`nbdev_test` on every notebook, each in a process of its own, for `make test`: tests.py [JOBS]

What cells print is held beside what is stored in them: outputs.py."""
import os, subprocess, sys, tempfile, time
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from house import notebooks, root

LIMIT = 1800    # seconds for one notebook; what hangs has failed
USUAL = dict(KDLIB_RECIPE='smoke', OMP_NUM_THREADS='1', OMP_WAIT_POLICY='PASSIVE')

def test(file):
    "(whether it passed, what it printed, seconds)"
    t0, command = time.time(), [sys.executable, Path(__file__).with_name('outputs.py'), file]
    try: r = subprocess.run(command, cwd=root, timeout=LIMIT, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, text=True, errors='replace')
    except subprocess.TimeoutExpired: return False, f'no end after {LIMIT} s', LIMIT
    return r.returncode == 0 and 'Success.' in r.stdout, r.stdout, time.time()-t0

def main(jobs=None):
    cpus = len(os.sched_getaffinity(0)) if hasattr(os, 'sched_getaffinity') else os.cpu_count()
    jobs, t0, good = int(jobs or min(cpus, 8)), time.time(), 0
    files = sorted(notebooks(), key=lambda f: -f.stat().st_size)    # the long ones first
    for name, value in USUAL.items(): os.environ.setdefault(name, value)
    with tempfile.TemporaryDirectory() as d, ThreadPoolExecutor(jobs) as pool:
        os.environ['KDLIB_RUNS'] = f'{d}/runs'    # tests see the published records, and leave none
        todo = {pool.submit(test, f): f.relative_to(root) for f in files}
        for done in as_completed(todo):
            passed, printed, seconds = done.result()
            good += passed
            print('ok    ' if passed else 'FAILED', f'{seconds:6.1f} s  {todo[done]}', flush=True)
            if not passed: print(*('    ' + l for l in printed.splitlines()), sep='\n', flush=True)
    print(f'{time.time()-t0:.0f} s, {jobs} at a time')
    print(f'{good} passed, {len(files)-good} failed')
    sys.exit(0 if files and good == len(files) else 1)

if __name__ == '__main__': main(*sys.argv[1:])
