"Exit 0 if this environment holds kdlib and all that settings.ini asks for; else say what is missing."
import sys
from configparser import ConfigParser
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

ini = ConfigParser(delimiters=['='])
ini.read(Path(__file__).resolve().parents[2]/'settings.ini', encoding='utf-8')
cfg = ini['DEFAULT']
if sys.version_info < tuple(map(int, cfg['min_python'].split('.'))):
    sys.exit(f'this environment has Python {sys.version.split()[0]}; kdlib needs {cfg["min_python"]} or later')
try: from packaging.requirements import Requirement
except ImportError: sys.exit('not installed yet')

bad = []
for r in map(Requirement, [cfg['lib_name'], *cfg['requirements'].split(), *cfg['dev_requirements'].split()]):
    try: have = version(r.name)
    except PackageNotFoundError: bad.append(f'{r.name} is missing')
    else:
        if not r.specifier.contains(have, prereleases=True): bad.append(f'{r.name} is {have}, wanted {r.specifier}')
if bad: sys.exit('; '.join(bad))
