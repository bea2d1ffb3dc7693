"Exit 0 if this environment holds kdlib and what settings.ini asks for; else say what is missing."
import sys
from configparser import ConfigParser
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

ini = ConfigParser(delimiters=['='])
ini.read(Path(__file__).resolve().parents[2]/'settings.ini', encoding='utf-8')
cfg = ini['DEFAULT']
needs = cfg['min_python']
if sys.version_info < tuple(map(int, needs.split('.'))):
    sys.exit(f'this environment has Python {sys.version.split()[0]}; kdlib needs {needs} or later')
try: from packaging.requirements import Requirement
except ImportError: sys.exit('not installed yet')

bad, wanted = [], [cfg['lib_name'], *cfg['requirements'].split(), *cfg['dev_requirements'].split()]
for r in map(Requirement, wanted):
    try: have = version(r.name)
    except PackageNotFoundError: bad.append(f'{r.name} is missing')
    else:
        fits = r.specifier.contains(have, prereleases=True)
        if not fits: bad.append(f'{r.name} is {have}, wanted {r.specifier}')
if bad: sys.exit('; '.join(bad))
