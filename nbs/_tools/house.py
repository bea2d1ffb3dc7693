"""The rules of the house: who may import whom, and how long a line of code may be.

    house.py check    fail on an import that breaks a rule, or a line of code over 120 characters
    house.py count    how long cells, lines, functions and rooms are, notebook by notebook
"""
import ast, re, statistics, sys
from importlib.util import resolve_name
from pathlib import Path
import nbformat
from nbdev.doclinks import nbglob

root = Path(__file__).resolve().parents[2]
LIMIT = 120    # characters

# Drawers and their rooms, from the ground up. A room imports only rooms that stand before it,
# so there is no cycle either.
ORDER = """
study:  arguments locks files digests records tables stats published
teach:  shelf compared losses share learned
nets:   bare trace maps propose split stages match input foreign networks toys small_maps
images: sources pixels store augment upload decoded batches loaders
train:  device recipes precision history cuda learner ranks
teach:  phases one_phase adapters pair kept calls sides terms lesson costs checks identity watchers
teach:  checkpoint guests asked fit lockstep beside callback distil
study:  answers weights meaning ready calls trials cluster
show:   plots drawings maps inside looks
:       student teacher stagewise blockwise small_data sizes methods your_own
show:   screen
speed:  cost peers parts torchdistill busy bench results views
speed:  apart device device_page device_sentences
study:  drill
:       all
"""
STUDIES = 'small_data', 'sizes', 'methods', 'your_own'    # they import nothing of each other

def rooms(order=ORDER):
    "The names of all rooms, as `nets.stages`, in their order."
    lines = [line.split(':') for line in order.strip().splitlines()]
    return [f'{drawer}.{room}'.lstrip('.') for drawer, names in lines for room in names.split()]

def imports(tree, package, order):
    "(line, room, name) of every import out of kdlib; the name is None where a whole room is meant."
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found = [(a.name, None) for a in node.names]
        elif isinstance(node, ast.ImportFrom):
            module = resolve_name('.'*node.level + (node.module or ''), package)
            found = [(module, a.name) for a in node.names]
        else: continue
        for module, name in found:
            whole = f'{module}.{name}'
            if whole.removeprefix('kdlib.') in order: module, name = whole, None
            if module.startswith('kdlib.'): yield node.lineno, module.removeprefix('kdlib.'), name

def is_private(name):
    return bool(name) and name.startswith('_') and not name.startswith('__')

def faults(room, source, order):
    "(line, what is wrong) of the imports in the source of a room."
    tree, package, whole = ast.parse(source), f'kdlib.{room}'.rpartition('.')[0], {}
    for line, other, name in imports(tree, package, order):
        if other not in order: yield line, f'{other} is not in ORDER'
        elif order.index(other) >= order.index(room): yield line, f'upward: imports {other}'
        elif room in STUDIES and other in STUDIES: yield line, f'a study imports another: {other}'
        if is_private(name): yield line, f'private name: {other}.{name}'
        if name is None: whole[other.split('.')[-1]] = other
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            for line, other, _ in imports(node, package, order):
                yield line, f'import inside {node.name}: {other}'
        elif isinstance(node, ast.Attribute) and is_private(node.attr):
            if other := whole.get(getattr(node.value, 'id', None)):
                yield node.lineno, f'private name: {other}.{node.attr}'

def check_imports(package=root/'kdlib'):
    order = rooms()
    for file in sorted(package.rglob('*.py')):
        room = '.'.join(file.relative_to(package).with_suffix('').parts)
        if file.stem in ('__init__', '_modidx'): continue
        if room not in order:
            yield f'{room}: give it its place in ORDER of nbs/_tools/house.py'
            continue
        for line, fault in sorted(set(faults(room, file.read_text(encoding='utf-8'), order))):
            yield f'kdlib/{file.relative_to(package)}:{line}: {fault}'

def notebooks():
    return sorted(nbglob(root/'nbs', as_path=True))

def code_cells(file):
    "(number, source) of each code cell."
    cells = nbformat.read(file, 4).cells
    return [(i, c.source) for i, c in enumerate(cells) if c.cell_type == 'code']

def is_long(line):
    "Words for a figure are no code, and have to stand in one line."
    return len(line) > LIMIT and not re.match(r'#\s*\|\s*fig-(alt|cap):', line)

def check_lines():
    for file in notebooks():
        for i, source in code_cells(file):
            for n, line in enumerate(source.splitlines(), 1):
                if not is_long(line): continue
                place = f'{file.relative_to(root)}, cell {i}, line {n}'
                yield f'{place}: {len(line)} characters: {line.strip()[:50]}'

def parsed(source):
    "The syntax tree of a cell; magics are left out."
    return ast.parse(re.sub(r'^\s*[%!].*$', '', source, flags=re.M))

def joined(tree):
    "How many statements stand behind another one and a `;`."
    bodies = [body for node in ast.walk(tree) for _, body in ast.iter_fields(node)
              if isinstance(body, list) and body and isinstance(body[0], ast.stmt)]
    return sum(a.end_lineno == b.lineno for body in bodies for a, b in zip(body, body[1:]))

def measures(file):
    "One row of `count`."
    sources = [source for _, source in code_cells(file) if source.strip()]
    trees = [parsed(source) for source in sources]
    lines = [line for source in sources for line in source.splitlines()]
    sizes = [len(source.splitlines()) for source in sources] or [0]
    exported = [n for n, s in zip(sizes, sources) if re.search(r'^#\s*\|\s*exports?\b', s, re.M)]
    functions = [node.end_lineno - node.lineno + 1 for tree in trees for node in ast.walk(tree)
                 if isinstance(node, ast.FunctionDef)]
    return {'cells': len(sources),
            'median lines': statistics.median(sizes),
            'cells over 25': sum(n > 25 for n in sizes),
            f'% lines over {LIMIT}': 100*sum(map(is_long, lines))/(len(lines) or 1),
            'joined by ;': sum(map(joined, trees)),
            'longest function': max(functions, default=0),
            'lines exported': sum(exported)}

def count():
    for i, file in enumerate(notebooks()):
        row = measures(file)
        if i == 0: print(f'{"":22}', *row, sep='  ')
        name = file.relative_to(root/'nbs').with_suffix('').as_posix()
        print(f'{name:22}', *(f'{v:{len(k)}.3g}' for k, v in row.items()), sep='  ')

def check():
    bad = [*check_imports(), *check_lines()]
    if bad: sys.exit('\n'.join(bad) + f'\n{len(bad)} places break the rules of nbs/_tools/house.py')
    print('imports and lines keep the rules of the house')

if __name__ == '__main__':
    todo = dict(check=check, count=count).get(' '.join(sys.argv[1:]))
    if not todo: sys.exit(__doc__)
    todo()
