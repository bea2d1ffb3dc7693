"One's own records of a recipe, and the benchmarks, go to data/records/: publish.py RECIPE"
import sys
from kdlib.speed.results import publish_benches
from kdlib.study.files import published_path, runs_path
from kdlib.study.published import publish
from kdlib.study.records import read_records

recipe, own, to = sys.argv[1], runs_path(), published_path()
print(len(publish(recipe)), f'records of {recipe} in data/records/')
for part, what in dict(tune='search', weights='curves of weights', views='views').items():
    if read_records(own/part, recipe):
        print(len(publish(recipe, own/part, to/part)), f'records of the {what}')
print(len(publish_benches()), 'benchmarks in data/records/bench/')
