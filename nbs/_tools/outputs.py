"""`nbdev_test` on one notebook, and what its cells print beside what is stored in them: outputs.py FILE

Pages show stored outputs, so these must be those of today's code. The tests run another recipe than the pages,
on another machine, at another time: cells that depend on such things, or on a name that does, are passed over,
and so are pictures. Numbers may differ in the third digit, since machines round differently.
"""
import ast, copy, re, sys
from execnb.shell import CaptureShell
from nbdev.test import nbdev_test

# What depends on recipe, records, device, clock or chance; a cell that says `#| varies` does so too.
VARIES = """default_recipe get_plan shown_records shown_raw shown_looks read_records read_looks any_teacher load_teacher
load_taught train_teacher run run_trial data_path runs_path models_path describe_device default_device
perf_counter time timeit benchmark latency tempfile getpid provenance
seconds peak_memory versions __version__ date commit""".split()
TOLERANCE = .01

def names(tree):
    "Names that a cell reads, and those that it sets."
    reads, sets = set(), set()
    for n in ast.walk(tree):
        if isinstance(n, ast.Name): (reads if isinstance(n.ctx, ast.Load) else sets).add(n.id)
        elif isinstance(n, ast.Attribute): reads.add(n.attr)
        elif isinstance(n, (ast.FunctionDef, ast.ClassDef)): sets.add(n.name)
        elif isinstance(n, ast.Constant) and isinstance(n.value, str): reads |= set(n.value.split())
        elif isinstance(n, ast.Call) and getattr(n.func, 'id', '') == 'get_recipe' and not n.args:
            reads.add('default_recipe')
    return reads, sets

def varying(nb):
    "Ids of the cells that depend on what differs between runs."
    varies, found = set(VARIES), set()
    for c in nb.cells:
        if c.cell_type != 'code': continue
        try: reads, sets = names(ast.parse(c.source))
        except SyntaxError: reads, sets = {'time'}, set()
        flagged = re.search(r'^#\s*\|\s*varies', c.source, re.M)
        if not (reads & varies or flagged): continue
        found.add(c.id)
        if not re.search(r'^#\s*\|\s*exports?\b', c.source, re.M): varies |= sets
    return found

def text(outputs):
    "What a cell prints or shows as text, however its lines are broken; a table's text is as good as its HTML."
    out = []
    for o in outputs:
        data = o.get('data', {})
        if 'image/png' in data or o.get('name') == 'stderr': continue
        out.append(o.get('text', '') or data.get('text/markdown', data.get('text/plain', '')))
    text = ''.join(''.join(t) for t in out)
    return re.sub(r'\s+', ' ', re.sub(r'0x[0-9a-f]+', '0x', text)).strip()

def alike(a, b):
    "Whether two texts agree but for the last digits of numbers."
    number = r'-?\d+(?:\.\d+)?(?:e[+-]?\d+)?'
    if re.split(number, a) != re.split(number, b): return False
    pairs = zip(map(float, re.findall(number, a)), map(float, re.findall(number, b)))
    return all(abs(x-y) <= TOLERANCE*max(abs(x), abs(y), 1e-6) for x, y in pairs)

def compared(stale):
    "`CaptureShell.run_all` that adds to `stale` where a cell prints something else than is stored."
    run_all = CaptureShell.run_all
    def run(self, nb, **kw):
        stored = {c.id: copy.deepcopy(c.outputs) for c in nb.cells if c.cell_type == 'code'}
        passed_over = varying(nb)
        def compare(cell):
            was, now = text(stored.get(cell.id, [])), text(cell.get('outputs', []))
            silent = cell.source.rstrip().endswith(';')      # what it printed is lost with its last value
            if cell.id in passed_over or silent or not was or alike(was, now): return
            stale.append((cell.id, was, now))
        return run_all(self, nb, postproc=compare, **kw)
    return run

def main(file):
    stale = []
    CaptureShell.run_all = compared(stale)
    nbdev_test(path=file, n_workers=0)
    for id, was, now in stale:
        print(f'cell {id} stores what it does not print today: `make show`, or `#| varies` and why\n'
              f'  stored: {was[:400]!r}\n  now:    {now[:400]!r}')
    if stale: sys.exit(f'{len(stale)} stale outputs')

if __name__ == '__main__': main(sys.argv[1])
