"Run the series (00 to 05) on a recipe, or the notebooks that are named: `python nbs/_tools/series.py RECIPE [notebook ... | all]`. `make run` calls it."
import asyncio, html, os, re, signal, sys, threading, time
os.environ.setdefault('OMP_WAIT_POLICY', 'PASSIVE')    # before torch is loaded, here and in the kernels: waiting threads sleep
from pathlib import Path
import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError
from nbconvert import HTMLExporter

root = Path(__file__).resolve().parents[2]
nbs = root/'nbs'
tty = sys.stdout.isatty()

def clock(s): return f'{int(s)//60}:{int(s)%60:02d}'

class Terminal(threading.Thread):
    "One status line that stays below what is printed; without a terminal, a line every half minute."
    def __init__(self): super().__init__(daemon=True); self.lock, self.status, self.t0, self.on = threading.RLock(), '', time.time(), True
    def text(self): return f'    {self.status}  {clock(time.time()-self.t0)}' if self.status else ''
    def run(self):
        while self.on:
            time.sleep(.5 if tty else 30)
            with self.lock:
                if not self.on or not self.status: continue
                if tty: self.draw()
                elif time.time()-self.t0 > 20: print(self.text(), flush=True)
    def draw(self): print('\r\x1b[K' + self.text()[:os.get_terminal_size().columns-1], end='', flush=True)
    def say(self, s):
        with self.lock:
            print(('\r\x1b[K' if tty else '') + s, flush=True)
            if tty: self.draw()
    def now(self, status, restart=False):
        with self.lock:
            self.status = status
            if restart: self.t0 = time.time()
    def stop(self):
        with self.lock:
            self.on, self.status = False, ''
            if tty: print('\r\x1b[K', end='', flush=True)

class Client(NotebookClient):
    "Shows what cells print as they print it, and the progress bars of fastai."
    def begin(self, term):
        self.term, self.rest, self.where, self.source = term, '', 'before the first cell', ''
        self.numbers = {i: n for n, i in enumerate((i for i, c in enumerate(self.nb.cells) if c.cell_type == 'code' and c.source.strip()), 1)}
        self.on_cell_start, self.on_cell_executed = self.started, self.finished
        return self
    def stop(self):
        "Ctrl-C: kill the kernel. Records are written whole and trainings go on from their last epoch, so nothing is lost."
        try: os.killpg(self.km.provisioner.pid, signal.SIGKILL)    # it leads a session of its own, with whatever it started
        except (ProcessLookupError, AttributeError): pass
    def started(self, cell, cell_index):
        for s in (signal.SIGINT, signal.SIGTERM): asyncio.get_running_loop().add_signal_handler(s, self.stop)    # in place of nbclient's, which leaves the kernel running
        if cell_index not in self.numbers: return
        self.where, self.source = f'cell {self.numbers[cell_index]} of {len(self.numbers)}', cell.source
        self.term.now(self.where, restart=True)
    def finished(self, cell, cell_index, execute_reply):
        if self.rest.strip(): self.term.say(f'    {self.rest}')
        self.rest = ''
    def process_message(self, msg, cell, cell_index):
        kind, content = msg['msg_type'], msg['content']
        if kind == 'stream':
            *lines, self.rest = (self.rest + content['text']).split('\n')
            for l in lines:
                if l.strip(): self.term.say('    ' + l.split('\r')[-1])
        elif kind in ('display_data', 'update_display_data'):
            text = html.unescape(re.sub('<[^>]+>', ' ', content['data'].get('text/html', '')))
            bars = re.findall(r'[\d.]+% \[[^\]]*\]', text)
            self.term.now('  '.join([self.where, *bars]))
        return super().process_message(msg, cell, cell_index)

def save(nb, name, out):
    "The notebook as it stands and its HTML, in `out`."
    out.mkdir(parents=True, exist_ok=True)
    nbformat.write(nb, out/f'{name}.ipynb')
    page, _ = HTMLExporter().from_notebook_node(nb, resources={'metadata': {'name': name, 'path': str(nbs)}})
    (out/f'{name}.html').write_text(page, encoding='utf-8')

def run_notebook(file, out, term):
    "Execute all cells of a notebook; where one fails, save what there is and stop."
    nb = nbformat.read(file, 4)
    client = Client(nb, timeout=None, kernel_name='python3', extra_arguments=['--log-level=50'],
                    resources={'metadata': {'path': str(file.parent)}}).begin(term)
    term.say(f'{file.stem}: {len(client.numbers)} cells'); t0 = time.time()
    why, trace = None, []
    try: client.execute()
    except CellExecutionError as e: why, trace = f'{e.ename}: {e.evalue}', e.traceback.rstrip().splitlines()[-25:]
    except (DeadKernelError, KeyboardInterrupt): why, trace = 'interrupted, or killed for want of memory', []
    save(nb, file.stem, out)
    place = os.path.relpath(out/f'{file.stem}.html', root)
    if why:
        term.stop()
        print(*trace, sep='\n')
        print(f'\n{file.name}, {client.where}: {why}\n\n' + '\n'.join('    ' + l for l in client.source.splitlines()[:8]))
        print(f'\n{file.name} up to there: {place}. What is recorded is kept; the same command goes on from there.', flush=True)
        os._exit(1)    # not sys.exit: a killed kernel leaves sockets that would be waited for
    term.now(''); term.say(f'{file.stem}: done in {clock(time.time()-t0)}, {place}')

def results(recipe):
    "The table of one's own runs of a recipe, as text."
    from kdlib.all import frame, read_records, summarize
    df = frame(read_records(recipe=recipe))
    if df.empty: return 'no records'
    try: from kdlib.all import results_table as table
    except ImportError: table = summarize
    try: df = table(df)
    except ValueError as e: return f'{df[["student", "method", "fraction", "seed", "opts", "accuracy"]].to_string(index=False)}\n\nno summary: {e}'
    return df.round(2).to_string(index=False, na_rep='')

def main(recipe, *files):
    from kdlib.all import get_recipe
    try: r = get_recipe(recipe)
    except ValueError as e: sys.exit(str(e))
    os.environ |= dict(KDLIB_RECIPE=recipe, JUPYTER_PREFER_ENV_PATH='1')
    every = {f.stem: f for f in sorted(nbs.glob('0*.ipynb'))}
    known = every | {f'lib/{f.stem}': f for f in sorted(nbs.glob('lib/*.ipynb'))}
    if bad := [f for f in files if f != 'all' and f not in known]: sys.exit(f'unknown notebook {bad[0]!r}: known are {", ".join(known)}, or all')
    files = [known[f] for f in known if (f in files or 'all' in files and f in every if files else f < '06')]      # the series; what follows from it on request
    print(f'Recipe {recipe}: {r.data}, {r.size} px, {r.epochs} epochs for a student, {r.teacher_epochs} for a teacher', flush=True)
    term = Terminal(); term.start(); t0 = time.time()
    for f in files: run_notebook(f, root/'_run'/recipe, term)
    term.stop()
    print(f'\nResults of recipe {recipe} ({clock(time.time()-t0)} for {len(files)} notebooks, in _run/{recipe}/)\n')
    print(results(recipe))

if __name__ == '__main__':
    if len(sys.argv) < 2: sys.exit(__doc__)
    main(*sys.argv[1:])
