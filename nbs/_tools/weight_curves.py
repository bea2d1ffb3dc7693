"""Which weight? Hints with weights from 0.01 to 1000, measured on the tuning split.
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

WEIGHTS, EDGE = (.01, .1, 1, 10, 100), (1000,)
ANSWERS = dict(kd=.9, data=.1)              # soft targets beside hints
INHERITS = dict(recipe=RECIPE, teacher=TEACHER)
OWN = dict(recipe='imagenette64', teacher='resnet34')
CURVES = dict(
    inherits=INHERITS | dict(student=STUDENTS['res'], fraction=.1),
    inherits_edge=INHERITS | dict(student=STUDENTS['res'], fraction=.1, weights=EDGE),
    inherits_all=INHERITS | dict(student=STUDENTS['res'], fraction=1., weights=(10, 100)),
    inherits_more=INHERITS | dict(student=STUDENTS['res'], fraction=.4),
    inherits_plain=INHERITS | dict(student=STUDENTS['plain'], fraction=.1),
    tenth=OWN | dict(student='res_student', fraction=.1),
    more=OWN | dict(student='res_student', fraction=.4),
    plain=OWN | dict(student='plain_student', fraction=.1))

def curve(recipe, teacher, student, fraction, weights=WEIGHTS):
    "The student alone; five hints, and soft targets with one hint; both errors and all weights."
    def taught(method, w, error, **opts):
        return Trial(recipe, student, method, teacher, fraction, opts=dict(opts, weight=w, loss=error))
    out = [Trial(recipe, student, fraction=fraction)]
    for w in weights:
        for error in ('hint', 'share'):
            out += [taught('hints5', w, error), taught('hints', w, error, at='stage2', **ANSWERS)]
    return out

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
