"""Run the series, 00 to 05, on a recipe, or the notebooks that are named. `make run` calls it.

    series.py RECIPE [NOTEBOOK ... | all]
"""
import asyncio, html, os, re, shutil, signal, sys, threading, time
# before torch is loaded, here and in the kernels: threads that wait sleep
os.environ.setdefault('OMP_WAIT_POLICY', 'PASSIVE')
from pathlib import Path
import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError
from nbconvert import HTMLExporter
from house import notebooks, root

nbs = root/'nbs'
tty = sys.stdout.isatty()

def clock(seconds): return f'{int(seconds)//60}:{int(seconds)%60:02d}'

class Status(threading.Thread):
    "A line below what is printed, counting the seconds; without a terminal, one every half minute."
    def __init__(self):
        super().__init__(daemon=True)
        self.lock, self.text, self.since = threading.RLock(), '', time.time()
        self.start()
    def run(self):
        while True:
            time.sleep(.5 if tty else 30)
            with self.lock:
                if self.text: self.draw(time.time() - self.since)
    def draw(self, seconds):
        line = f'    {self.text}  {clock(seconds)}'
        if tty: print('\r\x1b[K' + line[:shutil.get_terminal_size().columns-1], end='', flush=True)
        elif seconds > 20: print(line, flush=True)
    def now(self, text, restart=True):
        with self.lock:
            self.text = text
            if restart: self.since = time.time()
    def say(self, text=''):
        with self.lock: print(('\r\x1b[K' if tty else '') + text, flush=True)

class Client(NotebookClient):
    "Shows what cells print as they print it, and the progress bars of fastai."
    def run(self, status):
        self.status, self.where, self.source, self.rest = status, 'before its first cell', '', ''
        code = [c.cell_type == 'code' and bool(c.source.strip()) for c in self.nb.cells]
        cells = [i for i, is_code in enumerate(code) if is_code]
        self.numbers = {i: f'cell {n} of {len(cells)}' for n, i in enumerate(cells, 1)}
        self.on_cell_start, self.on_cell_executed = self.started, self.finished
        self.execute()
    def started(self, cell, cell_index):
        # in place of nbclient's handler, which leaves the kernel running
        for s in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(s, self.kill)
        if cell_index in self.numbers:
            self.where, self.source = self.numbers[cell_index], cell.source
            self.status.now(self.where)
    def finished(self, cell, cell_index, execute_reply):
        if self.rest.strip(): self.status.say(f'    {self.rest}')
        self.rest = ''
    def kill(self):
        "Ctrl-C. Nothing is lost: records are written whole, trainings go on from their last epoch."
        try: os.killpg(self.km.provisioner.pid, signal.SIGKILL)    # the kernel and what it started
        except (ProcessLookupError, AttributeError): pass
    def process_message(self, msg, cell, cell_index):
        content = msg['content']
        if msg['msg_type'] == 'stream':
            *lines, self.rest = (self.rest + content['text']).split('\n')
            for line in filter(str.strip, lines): self.status.say('    ' + line.split('\r')[-1])
        elif msg['msg_type'] in ('display_data', 'update_display_data'):
            text = html.unescape(re.sub('<[^>]+>', ' ', content['data'].get('text/html', '')))
            bars = re.findall(r'[\d.]+% \[[^\]]*\]', text)
            self.status.now('  '.join([self.where, *bars]), restart=False)
        return super().process_message(msg, cell, cell_index)

def save(nb, name, out):
    "The notebook as it stands, and its HTML."
    out.mkdir(parents=True, exist_ok=True)
    nbformat.write(nb, out/f'{name}.ipynb')
    page, _ = HTMLExporter().from_notebook_node(nb, resources={'metadata': {'name': name}})
    (out/f'{name}.html').write_text(page, encoding='utf-8')
    return os.path.relpath(out/f'{name}.html', root)

def run_notebook(file, out, status):
    "Run all cells of a notebook; where one fails, save what there is and stop."
    nb, t0, why, trace = nbformat.read(file, 4), time.time(), '', ''
    client = Client(nb, timeout=None, kernel_name='python3', extra_arguments=['--log-level=50'],
                    resources={'metadata': {'path': str(file.parent)}})
    status.say(file.stem)
    try: client.run(status)
    except CellExecutionError as e: why, trace = f'{e.ename}: {e.evalue}', e.traceback
    except (DeadKernelError, KeyboardInterrupt): why = 'interrupted, or killed for want of memory'
    status.now('')
    place = save(nb, file.stem, out)
    if not why: return status.say(f'{file.stem}: done in {clock(time.time()-t0)}, {place}')
    status.say('\n'.join(trace.rstrip().splitlines()[-25:]))
    status.say(f'\n{file.name}, {client.where}: {why}\n')
    for line in client.source.splitlines()[:8]: status.say(f'    {line}')
    status.say(f'\n{file.name} up to there: {place}. '
               'What is recorded is kept; the same command goes on from there.')
    os._exit(1)    # not sys.exit: a killed kernel leaves sockets that would be waited for

def few_images(recipe, status):
    "Train what the first screen shows beside the notebooks' trials, telling of each."
    from kdlib.study.records import missing
    from kdlib.show.screen import few_images_trials
    from kdlib.study.trials import run
    todo = missing(few_images_trials(recipe))
    if todo: status.say('few images: does teaching help?')
    for n, trial in enumerate(todo, 1):
        status.now(f'training {n} of {len(todo)}, {trial.key}')
        run([trial], progress=False)
    status.now('')

def results(recipe, out):
    "The first screen of one's own runs of a recipe; all of them go into a table in the folder `out`."
    from kdlib.show.screen import first_screen
    from kdlib.study.records import read_records
    from kdlib.study.tables import frame
    df, place = frame(read_records(recipe=recipe)), os.path.relpath(out, root)
    if df.empty: return 'no records'
    df.to_csv(out/'results.csv', index=False)
    screen = first_screen(df, recipe, os.path.join(place, 'first_screen.png'))
    return f'{screen}\nAll {len(df)} trainings: {place}/results.csv'

def chosen(names):
    "The notebooks to run: 00 to 05 where none is named."
    files = {f.relative_to(nbs).with_suffix('').as_posix(): f for f in notebooks()}
    series = [name for name in files if re.match(r'\d', name)]
    if bad := [n for n in names if n not in [*files, 'all']]:
        sys.exit(f'unknown notebook {bad[0]!r}: known are {", ".join(files)}, or all')
    if 'all' in names: names = [*series, *(n for n in names if n not in [*series, 'all'])]
    return [files[name] for name in names or series if names or name < '06']

def main(recipe, *names):
    from kdlib.all import get_recipe
    try: r = get_recipe(recipe)
    except ValueError as e: sys.exit(str(e))
    os.environ |= dict(KDLIB_RECIPE=recipe, JUPYTER_PREFER_ENV_PATH='1')
    files, t0, status = chosen(names), time.time(), Status()
    status.say(f'Recipe {recipe}: {r.data}, {r.size} px, {r.epochs} epochs for a student, '
               f'{r.teacher_epochs} for a teacher')
    out = root/'_run'/recipe
    for file in files: run_notebook(file, out, status)
    if not names or 'all' in names: few_images(recipe, status)
    took = f'{clock(time.time()-t0)} for {len(files)} notebooks'
    print(f'\nResults of recipe {recipe} ({took}, in _run/{recipe}/)\n')
    print(results(recipe, out))

if __name__ == '__main__':
    if len(sys.argv) < 2: sys.exit(__doc__)
    main(*sys.argv[1:])
