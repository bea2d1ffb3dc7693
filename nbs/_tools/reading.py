"""What a reader of the pages would stumble on, found in the notebooks: reading.py

Each check yields (notebook, number of the cell, what is wrong there); its docstring says why.
"""
import ast, re, sys
from collections import defaultdict
from html.parser import HTMLParser
import nbformat, yaml
from house import notebooks, parsed, root

nbs = root/'nbs'

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
        if has(c, 'exports?', 'eval: *false'): continue
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

class Table(HTMLParser):
    "The tables of a text, each a list of rows of texts, the head first."
    def __init__(self, text):
        super().__init__()
        self.tables, self.cell = [], False
        self.feed(text)
    def handle_starttag(self, tag, attrs):
        if tag == 'table': self.tables.append([])
        if tag == 'tr' and self.tables: self.tables[-1].append([])
        if tag in ('td', 'th') and self.tables:
            self.tables[-1][-1].append('')
            self.cell = True
    def handle_endtag(self, tag):
        if tag in ('td', 'th'): self.cell = False
    def handle_data(self, data):
        if self.cell: self.tables[-1][-1][-1] += data.strip()

def tables(text):
    "Those in HTML, and those in Markdown."
    found = Table(text).tables
    for block in re.findall(r'(?:^\|.*\|$\n?)+', text, re.M):
        lines = [line for line in block.splitlines() if not re.match(r'\|[ :|-]+\|$', line)]
        found.append([[v.strip() for v in line.strip('|').split('|')] for line in lines])
    return [t for t in found if t]

def published():
    "Accuracies as tables write them -> the records of the seeds that they sum up."
    from kdlib.study.records import read_records
    from kdlib.study.tables import frame
    out = defaultdict(list)
    for folder in sorted((root/'data/records').glob('imagenette*')):
        df = frame(read_records(folder.parent, folder.name))
        who = ['student', 'method', 'fraction', 'teacher_fraction', 'teacher', 'opts']
        for _, d in df.groupby(who, dropna=False):
            if len(d) > 1: out[f'{d.accuracy.mean():.2f} ± {d.accuracy.std():.2f}'].append(d)
    return out

def says(text, mixed):
    "Whether a caption names what is not the same in all rows."
    told = dict(commit='commits ' in text, torch='versions of torch' in text)
    for kind in ('taught_by', 'precision'): told[kind] = all(v in text for v in mixed.get(kind, ()))
    return all(told[kind] for kind in mixed)

def meant(row, groups):
    "Those that a row of a table may sum up; none where it may be one of several."
    def agrees(d): return all(d[c].iloc[0] == row.get(c, d[c].iloc[0]) for c in ('student', 'method'))
    found = [d for d in groups if agrees(d)] or groups
    return found if len(found) == 1 else []

def shown_text(cell):
    "What a cell shows as text."
    kinds = 'text/html', 'text/markdown'
    data = [o.get('data', {}) for o in cell.get('outputs', [])]
    return '\n'.join(str(d[k]) for d in data for k in kinds if k in d)

def sections(file):
    "The cells of a notebook, a list of (number, cell) for each heading."
    out = [[]]
    for i, c in enumerate(nbformat.read(file, 4).cells):
        if c.cell_type == 'markdown' and re.search('^##', c.source, re.M): out.append([])
        out[-1].append((i, c))
    return out

def mixtures():
    """Rows that were made differently share a table only where a caption or a column says so, there or
    in the whole table of the same section."""
    import pandas as pd
    from kdlib.study.stats import mixture
    known = published()
    for file, part in [(f, s) for f in notebooks() for s in sections(f)]:
        text = '\n'.join(shown_text(c) for _, c in part)
        if 'accuracy, %' not in text or 'made with' in text: continue
        for i, (head, *rows) in [(i, t) for i, c in part for t in tables(shown_text(c))]:
            if 'accuracy, %' not in head: continue
            named = [dict(zip(head, row)) for row in rows if len(row) == len(head)]
            seen = [d for row in named for d in meant(row, known.get(row['accuracy, %'], []))]
            mixed = mixture(pd.concat(seen)) if seen else {}
            if not says(text, mixed): yield file, i, f'a table that does not say: {mixed}'

CHECKS = [introductions, links, private_names, unexplained, announcements, figures, options,
          machine_paths, mixed_imports, unseen, mixtures]

if __name__ == '__main__':
    bad = [(check, *place) for check in CHECKS for place in check()]
    for check, file, i, what in bad: print(f'{file.relative_to(root)}, cell {i}: {what}')
    for check in dict.fromkeys(b[0] for b in bad): print(f'{check.__name__}: {check.__doc__}')
    if bad: sys.exit(f'{len(bad)} places where a reader would stumble')
    print('readers find introductions, links, figures and outputs')
