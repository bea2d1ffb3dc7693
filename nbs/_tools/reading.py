"""What a reader of the pages would stumble on, found in the notebooks: reading.py

Each check yields (notebook, number of the cell, what is wrong there); its docstring says why.
"""
import ast, re, sys
import nbformat, yaml
from nbdev.config import get_config
from house import notebooks, parsed, root
from mixtures import mixtures

nbs = root/'nbs'

WIDTH = 110    # characters that a page shows
INSTALL = """#| hide
# where kdlib is missing, in Colab say, it is fetched once
import importlib.util, subprocess, sys
if importlib.util.find_spec('kdlib') is None:
    subprocess.run([sys.executable, '-m', 'pip', 'install', '-q',
                    'git+%s'], check=True)""" % get_config().git_url

def has(cell, *flags):
    "Whether a code cell bears one of nbdev's flags."
    return bool(re.search(rf'^#\s*\|\s*({"|".join(flags)})\b', cell.source, re.M))

def cells(kind):
    for file in notebooks():
        for i, c in enumerate(nbformat.read(file, 4).cells):
            if c.cell_type == kind: yield file, i, c

def visible(file):
    "(number, cell) of what a page shows; of an exported cell it shows signatures alone."
    for i, c in enumerate(nbformat.read(file, 4).cells):
        shut = has(c, 'export', 'exporti', 'hide', 'default_exp')
        if c.cell_type == 'markdown' or not shut: yield i, c

def own_names():
    "All that kdlib defines, without its modules."
    from kdlib._modidx import d
    return {name.rpartition('.')[2] for names in d['syms'].values() for name in names}

def introductions():
    "nbdev drops what stands below title and description in the first cell."
    for file, i, c in cells('markdown'):
        if i: continue
        rest = [line for line in c.source.splitlines() if line.strip()]
        if not (len(rest) == 2 and rest[0].startswith('# ') and rest[1].startswith('> ')):
            yield file, i, 'more, or less, than a title and a description of one line'

def links():
    "Links lead to a file inside nbs/, or to an address; nbdev links names in backticks itself."
    for file, i, c in cells('markdown'):
        text = re.sub(r'```.*?```', '', c.source, flags=re.S)
        twice = re.findall(r'\[`[^`\]]+`\]\([^)]*\)', text)
        for link in twice: yield file, i, f'linked twice: {link}'
        for to in re.findall(r'\]\((?![a-z]+:|#)([^)#\s]+)', text):
            target = (file.parent/to).resolve()
            if not target.exists(): yield file, i, f'dead link: {to}'
            elif nbs not in target.parents: yield file, i, f'leads out of the site: {to}'

def private_names():
    "nbdev links a private name in backticks to an anchor that no page has."
    own = own_names()
    for file, i, c in [*cells('markdown'), *cells('code')]:
        if c.cell_type == 'code' and not has(c, 'export'): continue
        for name in re.findall(r'`(_\w+)(?:\(\))?`', c.source):
            if name in own: yield file, i, f'private: {name}'

def unexplained():
    "Code on a page calls no private function that the page does not show: hide it, or show both."
    own = {name for name in own_names() if name.startswith('_')}
    for file in notebooks():
        shown = set()
        for i, c in visible(file):
            if c.cell_type != 'code': continue
            nodes = list(ast.walk(parsed(c.source)))
            names = [n for n in nodes if isinstance(n, ast.Name)]
            shown |= {n.name for n in nodes if isinstance(n, (ast.FunctionDef, ast.ClassDef))}
            shown |= {n.id for n in names if isinstance(n.ctx, ast.Store)}
            for name in sorted(own & {n.id for n in names} - shown):
                yield file, i, f'calls what the page never shows: {name}'

def announcements():
    "A colon at the end announces what comes next: exported code does not, but for `#| exports`."
    for file in notebooks():
        seen = [*visible(file), (None, nbformat.v4.new_markdown_cell())]
        for (i, c), (_, after) in zip(seen, seen[1:]):
            if c.cell_type == after.cell_type == 'markdown' and c.source.rstrip().endswith(':'):
                yield file, i, f'announces what is hidden: {c.source.rstrip()[-40:]}'

def figures():
    "Who does not see a figure is told what it shows."
    for file, i, c in cells('code'):
        drawn = any('image/png' in o.get('data', {}) for o in c.outputs)
        if drawn and not has(c, 'hide', 'fig-alt'): yield file, i, 'a figure without `#| fig-alt:`'

def options():
    "`#| key: value` is read as YAML; where that fails, all options of the cell are lost."
    for file, i, c in cells('code'):
        lines = re.findall(r'^#\s*\|\s*([\w-]+: .*)', c.source, re.M)
        try: yaml.safe_load('\n'.join(lines))
        except yaml.YAMLError: yield file, i, f'no YAML: {lines[0][:60]}'

def machine_paths():
    "Kept outputs name no path of the machine that made them."
    tops = '(home|Users|root|tmp|var|opt|mnt|work|workspace|private)'
    path = re.compile(rf'(?<![\w.:/])(/{tops}/|[A-Z]:\\)[^\s"\'<>]*|[^\s"\']*site-packages\S*')
    for file, i, c in cells('code'):
        for o in c.outputs:
            data = [text for mime, text in o.get('data', {}).items() if mime.startswith('text')]
            found = path.search('\n'.join([o.get('text', ''), *o.get('traceback', []), *data]))
            if found: yield file, i, f'a path of one machine: {found[0]}'

def mixed_imports():
    "The docs run every cell that imports, and those alone: what else stands there may fail."
    for file, i, c in cells('code'):
        if has(c, 'exports?', 'eval: *false') or c.source == INSTALL: continue
        try: nodes = list(ast.walk(parsed(c.source)))
        except SyntaxError: continue
        if not any(isinstance(n, (ast.Import, ast.ImportFrom)) for n in nodes): continue
        if any(isinstance(n, (ast.Expr, ast.Assign)) for n in nodes):
            yield file, i, 'imports and does more: give the imports a cell of their own'

def displays(source):
    "Whether a cell ends in a value, or in a call that draws or displays something."
    try: body = parsed(source).body
    except SyntaxError: return False
    if not body or 'plt.close' in source: return False
    last = body[-1]
    while isinstance(last, (ast.If, ast.For)): last = last.body[-1]
    if not isinstance(last, ast.Expr): return False
    if not isinstance(last.value, ast.Call):
        return last is body[-1] and not re.search(r';\s*(#.*)?$', source)
    name = getattr(last.value.func, 'id', getattr(last.value.func, 'attr', ''))
    return bool(re.match(r'(draw_|plot_|show_|display$|results_table$|Markdown$)', name))

def unseen():
    "Pages are built from the outputs that are kept."
    for file, i, c in cells('code'):
        if not c.outputs and not has(c, 'slow', 'cuda', 'hide') and displays(c.source):
            yield file, i, 'what this cell shows is not kept: `make show`'

def widths():
    "A page shows 110 characters in a line of code."
    for file in notebooks():
        for i, c in visible(file):
            widest = max(map(len, c.source.splitlines()), default=0)
            if c.cell_type == 'code' and widest > WIDTH: yield file, i, f'{widest} characters wide'

def ticks():
    "Backticks in the comment of a parameter become a raw link inside the signature."
    own = own_names()
    for file, i, c in cells('code'):
        if not has(c, 'exporti?s?'): continue
        for line in c.source.splitlines():
            parameter = re.match(r'\s+\*{0,2}\w+.*,\s*#|\)\s*(->.*)?:\s*#', line)
            for name in re.findall(r'`(\w+)(?:\(\))?`', line.partition('#')[2] if parameter else ''):
                if name in own: yield file, i, f'backticks around {name}'

def installs():
    "Each notebook of the series fetches kdlib where it is missing, in Colab say, by the same first cell."
    for file in notebooks():
        if not re.match(r'\d', file.name): continue
        code = [c.source for c in nbformat.read(file, 4).cells if c.cell_type == 'code']
        if code[0] != INSTALL: yield file, 0, 'the first code cell is not INSTALL of reading.py'

CHECKS = [introductions, links, private_names, unexplained, announcements, figures, options, widths,
          ticks, installs, machine_paths, mixed_imports, unseen, mixtures]

if __name__ == '__main__':
    bad = [(check, *place) for check in CHECKS for place in check()]
    for check, file, i, what in bad: print(f'{file.relative_to(root)}, cell {i}: {what}')
    for check in dict.fromkeys(b[0] for b in bad): print(f'{check.__name__}: {check.__doc__}')
    if bad: sys.exit(f'{len(bad)} places where a reader would stumble')
    print('readers find introductions, links, figures and outputs')
