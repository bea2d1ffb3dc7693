"nbdev_test on every notebook, each in a process of its own: `python nbs/_tools/tests.py [jobs]`. `make test` calls it."
import os, subprocess, sys, tempfile, time
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from nbdev.doclinks import nbglob

root = Path(__file__).resolve().parents[2]
limit = 1800    # seconds for one notebook; what hangs has failed

def test(file):
    t0 = time.time()
    try: r = subprocess.run([Path(sys.executable).parent/'nbdev_test', '--path', str(file)], cwd=root, timeout=limit,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors='replace')
    except subprocess.TimeoutExpired as e: return False, f'no end after {limit} s', limit
    return r.returncode == 0 and 'Success.' in r.stdout, r.stdout, time.time()-t0

def main(jobs=None):
    cpus = len(os.sched_getaffinity(0)) if hasattr(os, 'sched_getaffinity') else os.cpu_count()
    jobs = int(jobs or min(cpus, 8))
    files = sorted(nbglob(root/'nbs', as_path=True), key=lambda f: -f.stat().st_size)    # the long ones first
    os.environ.setdefault('KDLIB_RECIPE', 'smoke'); os.environ.setdefault('OMP_NUM_THREADS', '1')
    os.environ.setdefault('OMP_WAIT_POLICY', 'PASSIVE')    # threads that spin while they wait take the cores of the tests beside them
    good, t0 = 0, time.time()
    with tempfile.TemporaryDirectory() as d, ThreadPoolExecutor(jobs) as ex:
        os.environ['KDLIB_RUNS'] = str(Path(d)/'runs')    # tests see the published records, and leave none
        todo = {ex.submit(test, f): f for f in files}
        for r in as_completed(todo):
            ok, out, secs = r.result(); good += ok
            print(f'{"ok    " if ok else "FAILED"} {secs:6.1f} s  {todo[r].relative_to(root)}', flush=True)
            if not ok: print('\n'.join('    ' + l for l in out.splitlines()), flush=True)
    print(f'{time.time()-t0:.0f} s, {jobs} at a time')
    print(f'{good} passed, {len(files)-good} failed')
    sys.exit(0 if files and good == len(files) else 1)

if __name__ == '__main__': main(*sys.argv[1:])
