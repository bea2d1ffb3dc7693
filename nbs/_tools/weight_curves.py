"""Which weight? Hints with weights from 0.001 to 1000, measured on the tuning split.
No teacher was trained on it here; ImageNet, which one of them knows, holds most of its images.

    weight_curves.py teachers
        ResNet34 in 12 epochs, and EfficientNet-Lite0 (imagenet_teacher.py), both without the tuning split
    weight_curves.py inherits tenth
        the curves by these names, below

It asks for the packages of imagenet_teacher.py.
"""
import sys
from imagenet_teacher import RECIPE, STUDENTS, TEACHER, make_teacher, tuning_models
from kdlib.all import *

WEIGHTS, SMALLER, LARGER = (.01, .1, 1, 10, 100), (.001,), (1000,)
ANSWERS = dict(kd=.9, data=.1)              # soft targets beside hints
WAYS = dict(hints5={}, hints=dict(at='stage2', **ANSWERS))
INHERITS = dict(recipe=RECIPE, teacher=TEACHER)
OWN = dict(recipe='imagenette64', teacher='resnet34')
A_TENTH, A_FIFTH = dict(fraction=.1), dict(fraction=.2)
CURVES = dict(                              # where the best weight was the last one tried, another was added
    inherits=INHERITS | dict(student=STUDENTS['res'], **A_TENTH),
    inherits_edge=INHERITS | dict(student=STUDENTS['res'], weights=LARGER, **A_TENTH),
    inherits_all=INHERITS | dict(student=STUDENTS['res'], fraction=1., weights=(10, 100), ways=('hints5',)),
    inherits_more=INHERITS | dict(student=STUDENTS['res'], **A_FIFTH),
    inherits_more_edge=INHERITS | dict(student=STUDENTS['res'], weights=LARGER, **A_FIFTH),
    inherits_plain=INHERITS | dict(student=STUDENTS['plain'], **A_TENTH),
    inherits_plain_more=INHERITS | dict(student=STUDENTS['plain'], **A_FIFTH),
    tenth=OWN | dict(student='res_student', **A_TENTH),
    tenth_edge=OWN | dict(student='res_student', weights=LARGER, ways=('hints',), **A_TENTH),
    more=OWN | dict(student='res_student', **A_FIFTH),
    more_edge=OWN | dict(student='res_student', weights=LARGER, ways=('hints',), **A_FIFTH),
    plain=OWN | dict(student='plain_student', also=('soft_targets',), **A_TENTH),
    plain_edge=OWN | dict(student='plain_student', weights=SMALLER, **A_TENTH),
    plain_more=OWN | dict(student='plain_student', **A_FIFTH))

def curve(recipe, teacher, student, fraction, weights=WEIGHTS, ways=tuple(WAYS), also=()):
    "The student alone; five hints, and soft targets with one hint; both errors and all weights."
    def taught(method, **opts): return Trial(recipe, student, method, teacher, fraction, opts=opts)
    every = [(way, dict(WAYS[way], weight=w, loss=error))
             for w in weights for error in ('hint', 'share') for way in ways]
    return [Trial(recipe, student, fraction=fraction), *map(taught, also), *(taught(m, **o) for m, o in every)]

def train_resnet():
    "A teacher that learned Imagenette alone."
    run([Trial('imagenette64', 'resnet34', opts=dict(epochs=12))], runs_path()/'weights', keep='teacher', tune=True,
        models=tuning_models(), progress=False)

def main(names):
    for name in names:
        if name == 'teachers':
            train_resnet()
            make_teacher(True, tuning_models())
        else: run(curve(**CURVES[name]), runs_path()/'weights', tune=True, models=tuning_models(), progress=False)

if __name__ == '__main__':
    if not sys.argv[1:]: sys.exit(__doc__)
    main(sys.argv[1:])
