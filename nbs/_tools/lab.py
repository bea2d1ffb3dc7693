"""JupyterLab on copies of the notebooks, in _lab/, which git ignores. `make lab` calls it.

What is run there shows one's own results; the published outputs in nbs/ stay.

A copy that was saved in _lab/ stays as it is; one that was not is made anew where nbs/ has changed.
"""
import os, shutil, sys
from pathlib import Path

root = Path(__file__).resolve().parents[2]
lab, nbs = root/'_lab', root/'nbs'

def copy_notebooks():
    "A copy bears the time of its original, so what was saved since is newer."
    for file in nbs.rglob('*'):
        place = file.relative_to(nbs)
        if any(part.startswith(('_', '.')) for part in place.parts) or file.is_dir(): continue
        to = lab/place
        if to.exists() and to.stat().st_mtime > file.stat().st_mtime:
            if to.read_bytes() != file.read_bytes(): print(f'_lab/{place} is yours, and stays')
            continue
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(file, to)

if __name__ == '__main__':
    copy_notebooks()
    as_root = ['--allow-root'] if hasattr(os, 'geteuid') and os.geteuid() == 0 else []
    os.chdir(lab)
    args = ['-m', 'jupyter', 'lab', *as_root, *(sys.argv[1:] or ['index.ipynb'])]
    os.execv(sys.executable, [sys.executable, *args])
