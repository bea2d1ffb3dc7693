"""Tables on the pages whose rows were made differently say so; reading.py runs this."""
import re
from collections import defaultdict
from html.parser import HTMLParser
import nbformat
from house import notebooks, root

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
