"""README.md and plain HTML pages from the notebooks, without Quarto.

    pages.py readme   run index.ipynb, keep its outputs, write README.md
    pages.py check    fail where README.md is not what index.ipynb gives, an output names a path
                      of one machine, a cell that shows something keeps no output, or a cell
                      imports and does more
    pages.py html     all notebooks as HTML into _docs/
    pages.py show [RECIPE [NOTEBOOK ...]]    run the unflagged cells of notebooks, published records alone
                      in view, and keep what they show (those that name none: all)
"""
import ast, copy, difflib, os, re, shutil, sys, tempfile
from pathlib import Path
import nbformat
from nbclient import NotebookClient
from nbconvert import HTMLExporter, MarkdownExporter
from nbdev.doclinks import nbglob

root = Path(__file__).resolve().parents[2]
nbs, index, readme, pictures = root/'nbs', root/'nbs/index.ipynb', root/'README.md', root/'nbs/images'
link = re.compile(r'(\]\(|href=")(?![a-z]+:|/|#)([^)"#\s]*)')

def reader(nb, change):
    "The cells that a reader sees, without nbdev's directives; `change` rewrites the target of relative links."
    nb, cells = copy.deepcopy(nb), []
    nb.metadata['language_info'] = dict(name='python', file_extension='.py', pygments_lexer='ipython3')    # nbdev_clean drops it
    for c in nb.cells:
        lines = c.source.splitlines(); n = next((i for i, l in enumerate(lines) if not re.match(r'#\s*\|', l)), len(lines))
        flags = {re.sub(r'^#\s*\|\s*', '', l).strip() for l in lines[:n]} if c.cell_type == 'code' else set()
        if {'hide', 'include: false'} & flags or any(f.startswith('default_exp') for f in flags): continue
        if c.cell_type == 'code': c.source = '' if 'echo: false' in flags else '\n'.join(lines[n:]).strip()
        else: c.source = link.sub(lambda m: m[1] + change(m[2]), c.source)
        for o in c.get('outputs', []):
            if 'text/markdown' in o.get('data', {}): o.data['text/markdown'] = link.sub(lambda m: m[1] + change(m[2]), o.data['text/markdown'])
        if c.source or c.get('outputs'): cells.append(c)
    nb.cells = cells
    return nb

def executed(nb):
    "The same notebook, run, with the published records alone in view."
    nb = copy.deepcopy(nb)
    with tempfile.TemporaryDirectory() as d:
        os.environ |= dict(KDLIB_RECIPE='smoke', KDLIB_RUNS=str(Path(d)/'runs'), JUPYTER_PREFER_ENV_PATH='1')
        NotebookClient(nb, timeout=600, kernel_name='python3', extra_arguments=['--log-level=50'],
                       resources={'metadata': {'path': str(nbs)}}).execute()
    for c in nb.cells:    # warnings of other packages name paths of this machine
        if 'outputs' in c: c.outputs = [o for o in c.outputs if o.get('name') != 'stderr']
    return nb

def show(recipe='imagenette64', *names):
    "Run notebooks but for their slow cells and keep their outputs; teachers are those of `data/models`, where there are any."
    from kdlib.study.files import project_data
    os.environ |= dict(KDLIB_RECIPE=recipe, KDLIB_RUNS=str(project_data()/'no_runs'), JUPYTER_PREFER_ENV_PATH='1')
    files = {str(f.relative_to(nbs).with_suffix('')): f for f in sorted(nbglob(nbs, as_path=True)) if f != index}
    if bad := [n for n in names if n not in files]: sys.exit(f'unknown notebook {bad[0]!r}: known are {", ".join(files)}')
    for name in names or files:
        nb = nbformat.read(files[name], 4); run = copy.deepcopy(nb)
        run.cells = [c for c in run.cells if not (c.cell_type == 'code' and re.search(r'^#\s*\|\s*(slow|cuda)', c.source, re.M))]
        NotebookClient(run, timeout=1800, kernel_name='python3', extra_arguments=['--log-level=50'], resources={'metadata': {'path': str(files[name].parent)}}).execute()
        new = {c.id: [o for o in c.outputs if o.get('name') != 'stderr'] for c in run.cells if c.cell_type == 'code'}
        for c in nb.cells:
            if c.cell_type == 'code' and c.id in new: c.outputs = new[c.id]
        nbformat.write(nb, files[name])
        os.system(f'"{Path(sys.executable).parent}/nbdev_clean" --fname "{files[name]}"')
        print(f'{name}: {files[name].stat().st_size/1e6:.2f} MB', flush=True)

def machine_paths():
    "(notebook, number of the cell, text) of kept outputs that name a path of one machine."
    pat = re.compile(r'''(?<![\w.:/])(?:/(?:home|Users|root|tmp|var|opt|mnt|work|workspace|private)/|[A-Z]:\\)[^\s"'<>]*|[^\s"']*site-packages[^\s"']*''')
    for f in sorted(nbglob(nbs, as_path=True)):
        for i, c in enumerate(nbformat.read(f, 4).cells):
            for o in c.get('outputs', []):
                texts = [o.get('text', ''), *o.get('traceback', []), *(v for k, v in o.get('data', {}).items() if k.startswith('text'))]
                for t in texts:
                    if m := pat.search(''.join(t)): yield f.relative_to(root), i, m[0]

def as_readme(nb):
    "README.md as text, and its pictures: name -> bytes."
    here = lambda p: p and os.path.relpath(nbs/p, root).replace(os.sep, '/')
    ex = MarkdownExporter(exclude_input_prompt=True, exclude_output_prompt=True)
    text, res = ex.from_notebook_node(reader(nb, here))
    names = {old: f'{pictures.name}/readme_{i}{Path(old).suffix}' for i, old in enumerate(res['outputs'])}
    for old, new in names.items(): text = re.sub(r'!\[[^]]*\]\(' + re.escape(old) + r'\)', f'![Accuracy of every seed]({here(new)})', text)
    text = re.sub(r'^(```python\n)\s*```\n', '', text, flags=re.M)                 # cells whose code is not shown
    text = re.sub(r'\n{3,}', '\n\n', '\n'.join(l.rstrip() for l in text.splitlines())).strip()
    return f'<!-- Made from nbs/index.ipynb by `make readme`: edit that. -->\n\n{text}\n', {nbs/names[k]: v for k, v in res['outputs'].items()}

def write_readme():
    nb = executed(nbformat.read(index, 4))
    nbformat.write(nb, index)
    os.system(f'"{Path(sys.executable).parent}/nbdev_clean" --fname "{index}"')
    text, made = as_readme(nb)
    readme.write_text(text, encoding='utf-8'); pictures.mkdir(exist_ok=True)
    for f in pictures.glob('readme_*'): f.unlink()
    for f, data in made.items(): f.write_bytes(data)
    print('README.md written')

def check_outputs():
    bad = [f'    {f}, cell {i}: {t}' for f, i, t in machine_paths()]
    if bad: sys.exit('Outputs kept in notebooks name paths of one machine:\n' + '\n'.join(bad))

def check_imports():
    "nbdev_docs runs every cell that imports, and those alone: one that does more than import may fail there."
    bad = []
    for f in sorted(nbglob(nbs, as_path=True)):
        for i, c in enumerate(nbformat.read(f, 4).cells):
            if c.cell_type != 'code' or re.search(r'^#\s*\|\s*(export|eval: *false)', c.source, re.M): continue
            try: nodes = list(ast.walk(ast.parse(c.source)))
            except SyntaxError: continue    # a magic
            if any(isinstance(n, (ast.Import, ast.ImportFrom)) for n in nodes) and any(isinstance(n, (ast.Expr, ast.Assign)) for n in nodes):
                bad.append(f'    {f.relative_to(root)}, cell {i}: {c.source.splitlines()[0]}')
    if bad: sys.exit('Cells that import and do more, which breaks nbdev_docs; give the imports a cell of their own:\n' + '\n'.join(bad))

def shows(source):
    "Whether a cell ends in something that a reader is to see: a value, or the call that draws or displays it."
    try: body = ast.parse(source).body
    except SyntaxError: return False
    if not body or 'plt.close' in source: return False
    last = body[-1]
    while isinstance(last, (ast.If, ast.For)): last = last.body[-1]
    if not isinstance(last, ast.Expr): return False
    if not isinstance(last.value, ast.Call): return last is body[-1] and not re.search(r';\s*(#.*)?$', source)
    f = last.value.func
    return bool(re.match(r'(draw_|plot_|show_|display$|results_table$|Markdown$)', getattr(f, 'id', getattr(f, 'attr', ''))))

def check_shown():
    "A page is built from the outputs that are kept: what is to be seen must have been run."
    bad = []
    for f in sorted(nbglob(nbs, as_path=True)):
        for i, c in enumerate(nbformat.read(f, 4).cells):
            if c.cell_type == 'code' and not c.outputs and not re.search(r'^#\s*\|\s*(slow|cuda|hide)', c.source, re.M) and shows(c.source):
                bad.append(f'    {f.relative_to(root)}, cell {i}: {c.source.splitlines()[-1][:90]}')
    if bad: sys.exit('Cells that show something keep no output: run them (`make show`) and commit:\n' + '\n'.join(bad))

def check_readme():
    check_outputs(); check_imports(); check_shown()
    nb, have = nbformat.read(index, 4), readme.read_text(encoding='utf-8') if readme.exists() else ''
    (kept, made), (again, _) = as_readme(nb), as_readme(executed(nb))       # a picture drawn again may differ in a pixel; the table beside it may not
    for what, text in (('the outputs kept in nbs/index.ipynb', kept), ('what nbs/index.ipynb gives when run', again)):
        if text != have:
            print('\n'.join(difflib.unified_diff(have.splitlines(), text.splitlines(), 'README.md', what, lineterm='')))
            sys.exit(f'README.md is stale: it differs from {what}. Run `make readme` and commit.')
    old = [f.relative_to(root) for f in {*made, *pictures.glob('readme_*')} if not f.exists() or f.read_bytes() != made.get(f)]
    if old: sys.exit(f'{old[0]} is not the picture in nbs/index.ipynb. Run `make readme` and commit.')
    print('README.md is up to date')

def write_html(out=root/'_docs'):
    tmp = Path(tempfile.mkdtemp(dir=root, prefix='_docs.'))
    files, names = sorted(nbglob(nbs, as_path=True), key=lambda f: (f.parent != nbs, f.name != 'index.ipynb', f)), []
    for f in files:
        rel = f.relative_to(nbs).with_suffix('.html')
        nb = reader(nbformat.read(f, 4), lambda p: re.sub(r'\.ipynb$', '.html', p))
        top = next((c.source.splitlines()[0].lstrip('# ') for c in nb.cells if c.cell_type == 'markdown' and c.source.startswith('# ')), f.stem)
        names.append((rel, top))
        back = os.path.relpath('index.html', rel.parent)
        if rel.name != 'index.html': nb.cells.insert(0, nbformat.v4.new_markdown_cell(f'[kdlib]({back}) / {top}'))
        if rel.name == 'index.html': main = nb; continue
        page(nb, tmp/rel, top)
    if not index.exists(): main = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell('# kdlib')])
    main.cells.append(nbformat.v4.new_markdown_cell('## All pages\n\n' + '\n'.join(f'- [{t}]({r.as_posix()})' for r, t in names if r.name != 'index.html')))
    page(main, tmp/'index.html', 'kdlib')
    shutil.rmtree(out, ignore_errors=True); tmp.chmod(0o755); tmp.rename(out)
    print(f'{len(files)} notebooks as HTML: {out.name}/index.html')

def page(nb, file, title):
    file.parent.mkdir(parents=True, exist_ok=True)
    text, _ = HTMLExporter(exclude_input_prompt=True, exclude_output_prompt=True).from_notebook_node(nb, resources={'metadata': {'name': title}})
    file.write_text(text, encoding='utf-8')

if __name__ == '__main__':
    todo = dict(readme=write_readme, check=check_readme, html=write_html, show=show).get(sys.argv[1] if len(sys.argv) > 1 else '')
    if not todo: sys.exit(__doc__)
    todo(*sys.argv[2:])
