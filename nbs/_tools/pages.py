"""What readers see: README.md, the outputs that notebooks keep, and the site.

    pages.py readme    run index.ipynb, keep its outputs, write README.md
    pages.py stale     fail where README.md is not what index.ipynb gives
    pages.py show [RECIPE [NOTEBOOK ...]]
                       run the unflagged cells of notebooks (of all by default), the published
                       records alone in view, and keep what they show
    pages.py sidebar   write nbs/sidebar.yml
    pages.py site      render the site into _docs/, by Quarto or by smalldocs
    pages.py crawl     fail on a dead link or anchor in _docs/
"""
import copy, difflib, html.parser, os, re, shutil, subprocess, sys, tempfile
from pathlib import Path
from urllib.parse import unquote, urlsplit
import nbformat, yaml
from nbclient import NotebookClient
from nbconvert import MarkdownExporter
from nbdev.config import get_config
from house import notebooks, rooms, root

nbs, site, proc = root/'nbs', root/'_docs', root/'_proc'
index, readme, pictures = nbs/'index.ipynb', root/'README.md', nbs/'images'
SECTIONS = dict(nets='Networks', images='Images', teach='Teaching', train='Training',
                study='Trials and records', show='Figures', speed='Speed')

def execute(nb, folder, **env):
    "Run a notebook; what goes to stderr is not kept, since warnings name paths of this machine."
    os.environ |= dict(JUPYTER_PREFER_ENV_PATH='1', **env)
    NotebookClient(nb, timeout=1800, kernel_name='python3', extra_arguments=['--log-level=50'],
                   resources={'metadata': {'path': str(folder)}}).execute()
    for c in nb.cells:
        if 'outputs' in c: c.outputs = [o for o in c.outputs if o.get('name') != 'stderr']
    return nb

def keep(nb, file):
    "Write a notebook as `nbdev_clean` leaves it."
    nbformat.write(nb, file)
    subprocess.run([Path(sys.executable).with_name('nbdev_clean'), '--fname', file], check=True)

def show(recipe='imagenette64', *names):
    files = {f.relative_to(nbs).with_suffix('').as_posix(): f for f in notebooks() if f != index}
    if bad := [n for n in names if n not in files]:
        sys.exit(f'unknown notebook {bad[0]!r}: known are {", ".join(files)}')
    for name in names or files:
        file, slow = files[name], r'^#\s*\|\s*(slow|cuda)'
        nb = nbformat.read(file, 4)
        run = copy.deepcopy(nb)
        run.cells = [c for c in run.cells if not re.search(slow, c.source, re.M)]
        execute(run, file.parent, KDLIB_RECIPE=recipe, KDLIB_RUNS=str(root/'data/no_runs'))
        new = {c.id: c.outputs for c in run.cells if c.cell_type == 'code'}
        for c in nb.cells:
            if c.id in new: c.outputs = new[c.id]
        keep(nb, file)
        print(f'{name}: {file.stat().st_size/1e6:.2f} MB', flush=True)

def executed_index():
    with tempfile.TemporaryDirectory() as d:
        return execute(nbformat.read(index, 4), nbs, KDLIB_RECIPE='smoke', KDLIB_RUNS=f'{d}/runs')

def as_readme(nb):
    "README.md from the index: its text, and its pictures as name -> bytes."
    nb, alts = copy.deepcopy(nb), []
    nb.metadata['language_info'] = dict(name='python')    # nbdev_clean drops it
    nb.cells = [c for c in nb.cells if not re.match(r'#\s*\|\s*hide\b', c.source)]
    for c in nb.cells:
        if c.cell_type != 'code': continue
        alts += re.findall(r'^#\s*\|\s*fig-alt: *(.*)', c.source, re.M)
        silent = re.search(r'^#\s*\|\s*echo: *false', c.source, re.M)
        c.source = '' if silent else re.sub(r'^#\s*\|.*\n', '', c.source, flags=re.M)
    exporter = MarkdownExporter(exclude_input_prompt=True, exclude_output_prompt=True)
    text, res = exporter.from_notebook_node(nb)
    text = re.sub(r'(\]\()(?![a-z]+:|#)', r'\1nbs/', text)
    made = {}
    for i, (old, data) in enumerate(res['outputs'].items()):
        name = f'readme_{i}{Path(old).suffix}'
        text = text.replace(f'![png](nbs/{old})', f'![{alts[i]}](nbs/{pictures.name}/{name})')
        made[name] = data
    text = re.sub(r'^```python\n\s*```\n', '', text, flags=re.M)    # code that is not shown
    text = re.sub(r'[ \t]+$', '', text, flags=re.M)
    text = re.sub(r'\n{3,}', '\n\n', text).strip()
    return f'<!-- From nbs/index.ipynb by `make readme`: edit that. -->\n\n{text}\n', made

def write_readme():
    nb = executed_index()
    keep(nb, index)
    text, made = as_readme(nb)
    readme.write_text(text, encoding='utf-8')
    pictures.mkdir(exist_ok=True)
    for old in pictures.glob('readme_*'): old.unlink()
    for name, data in made.items(): (pictures/name).write_bytes(data)
    print('README.md written')

def check_readme():
    "A picture that is drawn again may differ in a pixel; text and tables may not."
    have = readme.read_text(encoding='utf-8') if readme.exists() else ''
    kept, made = as_readme(nbformat.read(index, 4))
    again, _ = as_readme(executed_index())
    shown = {'the outputs of nbs/index.ipynb': kept, 'nbs/index.ipynb, run': again}
    for what, text in shown.items():
        if text == have: continue
        both = have.splitlines(), text.splitlines()
        print(*difflib.unified_diff(*both, 'README.md', what, lineterm=''), sep='\n')
        sys.exit(f'README.md is stale: it differs from {what}. Run `make readme` and commit.')
    if {f.name: f.read_bytes() for f in pictures.glob('readme_*')} != made:
        sys.exit('nbs/images/ lacks a picture of nbs/index.ipynb. Run `make readme` and commit.')
    print('README.md is up to date')

def title(file):
    return nbformat.read(file, 4).cells[0].source.splitlines()[0].removeprefix('# ')

def write_sidebar():
    "The series by number, then the drawers by name, their rooms in the order of the house."
    drawers, contents = {name: [] for name in SECTIONS}, []
    order = {room: i for i, room in enumerate(rooms())}
    place = lambda f: order.get(f'{f.parent.name}.{f.stem}', len(order))
    for file in sorted(notebooks(), key=lambda f: (f != index, place(f), f)):
        item = dict(text=title(file), href=file.relative_to(nbs).as_posix())
        number = re.match(r'(\d+)_', file.name)
        if number: item['text'] = f'{int(number[1])} {item["text"]}'
        drawers.get(file.parent.name, contents).append(item)
    contents += [dict(section=SECTIONS[name], contents=items) for name, items in drawers.items()]
    text = yaml.safe_dump({'website': {'sidebar': {'contents': contents}}}, sort_keys=False)
    (nbs/'sidebar.yml').write_text(text, encoding='utf-8')

def badge(file, cfg):
    "A line that opens a notebook of the series in Colab, below the title of its page."
    nb, path = nbformat.read(file, 4), file.relative_to(proc).as_posix()
    github = cfg.git_url.removeprefix('https://github.com/')
    to = f'https://colab.research.google.com/github/{github}/blob/{cfg.branch}/{cfg.nbs_path.name}/{path}'
    nb.cells.insert(1, nbformat.v4.new_markdown_cell(f'[Open in Colab]({to})'))
    nbformat.write(nb, file)

def process():
    "nbdev's part, into _proc/; then files are called as their pages, and links are relative."
    from nbdev.serve import proc_nbs
    proc_nbs(force=True)
    cfg = get_config()
    for file in sorted(proc.glob('*.ipynb')):
        if re.match(r'\d', file.name): badge(file, cfg)
    home = re.escape(cfg.doc_host + cfg.doc_baseurl)
    for file in [*proc.rglob('*.ipynb'), proc/'sidebar.yml']:
        near = lambda m: os.path.relpath(proc/m[1], file.parent).replace(os.sep, '/')
        text = re.sub(home + r'/([^)#"\s]+\.html)', near, file.read_text(encoding='utf-8'))
        text = re.sub(r'\b\d\d_(\w+\.ipynb)', r'\1', text)
        text = re.sub(r'^ *"output-file: .*\n', '', text, flags=re.M)
        file.write_text(text, encoding='utf-8')
        file.rename(file.with_name(re.sub(r'^\d\d_', '', file.name)))

def write_site():
    process()
    by = 'quarto' if shutil.which('quarto') else 'smalldocs'
    command = dict(quarto=['quarto', 'render', '--no-cache'],
                   smalldocs=[sys.executable, '-m', 'smalldocs.cli', 'render', '--quiet'])
    subprocess.run(command[by], cwd=proc, check=True)
    shutil.rmtree(site, ignore_errors=True)
    (proc/site.name).rename(site)
    print(f'{site.name}/index.html, by {by}')

class Page(html.parser.HTMLParser):
    "The ids of a page, and where it leads."
    def __init__(self, file):
        super().__init__()
        self.ids, self.links = set(), []
        self.feed(file.read_text(encoding='utf-8'))
    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.ids |= {attrs.get('id'), attrs.get('name')}
        self.links += [attrs[k] for k in ('href', 'src') if attrs.get(k)]

def crawl():
    pages, dead = {f: Page(f) for f in sorted(site.rglob('*.html'))}, []
    for file, page in pages.items():
        for link in page.links:
            url = urlsplit(link)
            if url.scheme or url.netloc: continue
            to, anchor = (file.parent/unquote(url.path)).resolve(), unquote(url.fragment)
            if not url.path: to = file
            if to.is_dir(): to /= 'index.html'
            lost = anchor and to in pages and anchor not in pages[to].ids
            if lost or not to.exists(): dead.append(f'{file.relative_to(site)}: {link}')
    if dead or not pages:
        sys.exit('\n'.join(dead) + f'\n{len(dead)} dead links in {len(pages)} pages of _docs/')
    print(f'{len(pages)} pages, no dead link')

if __name__ == '__main__':
    todo = dict(readme=write_readme, stale=check_readme, show=show,
                sidebar=write_sidebar, site=write_site, crawl=crawl)
    if not sys.argv[1:] or sys.argv[1] not in todo: sys.exit(__doc__)
    todo[sys.argv[1]](*sys.argv[2:])
