"""The unflagged cells of one notebook, each whatever the one before did: `python cells.py FILE`.

One line of JSON a failing cell, one at the end, behind `@row `; `kdlib.speed.device` reads them.
"""
import json, os, re, sys, time, traceback
from pathlib import Path
import torch
from execnb.shell import CaptureShell

MARK = '@row '

def tell(**row):
    print(MARK + json.dumps(row), flush=True)

def skipped(source):
    "Slow cells take too long, `eval: false` never runs; `cuda` runs where there is CUDA."
    if re.search(r'^#\s*\|\s*(slow|eval:\s*false)', source, re.M): return True
    return bool(re.search(r'^#\s*\|\s*cuda', source, re.M)) and not torch.cuda.is_available()

def place(error):
    "The innermost lines that are not another package's, as `file:line name`."
    frames = traceback.extract_tb(error.__traceback__)
    own = [f for f in frames if '-packages' not in f.filename] or frames
    return ' < '.join(f'{Path(f.filename).name}:{f.lineno} {f.name}' for f in reversed(own[-3:]))

def main(file):
    file = Path(file).resolve()
    os.chdir(file.parent)
    torch.set_num_threads(1)
    shell, ran, failed, t0 = CaptureShell(), 0, 0, time.time()
    for i, cell in enumerate(json.loads(file.read_text(encoding='utf-8'))['cells']):
        source = ''.join(cell['source'])
        if cell['cell_type'] != 'code' or skipped(source): continue
        ran += 1
        error = shell.run_cell(source).exception
        if error is None: continue
        failed += 1
        tell(cell=i, id=cell.get('id'), fault=f'{type(error).__name__}: {str(error)[:300]}',
             place=place(error))
    tell(cells=ran, failed=failed, seconds=round(time.time()-t0, 1))

if __name__ == '__main__': main(sys.argv[1])
