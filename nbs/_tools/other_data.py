"""The advice of 07_methods, which was read off Imagenette, tried on CIFAR-10.

    other_data.py get        fetch CIFAR-10 by torchvision into the data folder, as one file
    other_data.py teacher    train ResNet18 on all 50,000 images
    other_data.py few        students of 2 % of them, 1,000 images: what 07 calls few images, and the long budget

The methods were written down before the first student was trained: what 07 recommends for few images, five hints and
soft targets, which it places below, and the student alone.
"""
import sys
import numpy as np
from kdlib.all import *

NAMES = 'airplane automobile bird cat deer dog frog horse ship truck'.split()
FILE = data_path()/'cifar10.npz'
RECIPES['cifar10'] = Recipe('cifar10', 'cifar10', 32, epochs=8, teacher_epochs=8, views=4, precision='bf16')
TEACHER = Trial('cifar10', 'resnet18', opts=dict(epochs=8, bs=256, lr=.006))
FEW = dict(fractions=.02, seeds=range(3), teacher='resnet18')

@data_set('cifar10')
def cifar10():
    "50,000 training and 10,000 validation images of 32 pixels, ten classes."
    if not FILE.exists(): raise FileNotFoundError(f'no {FILE.name} in the data folder: other_data.py get')
    with np.load(FILE) as f: x, y, valid = f['x'], f['y'].astype(np.int64), f['valid']
    return Source('cifar10', list(x), [f'cifar{i:05d}' for i in range(len(x))], y, valid, NAMES, folders=())

def get():
    "The images as torchvision fetches them."
    from torchvision.datasets import CIFAR10
    parts = [CIFAR10(data_path()/'fetched', train=train, download=True) for train in (True, False)]
    keep(np.concatenate([p.data for p in parts]), np.concatenate([p.targets for p in parts]), len(parts[0]))

def keep(x, y, n_train):
    "One file of all images, the training images first."
    np.savez(FILE, x=x, y=y, valid=np.arange(len(x)) >= n_train)

def few():
    long = sum(max(1, round(p.epochs*get_recipe('cifar10').epochs_at(FEW['fractions'])))
               for p in make_phases('stagewise', outline('res_student', 32)))
    methods = 'alone', 'soft_targets', 'hints5', 'combined', 'stagewise'
    trials = grid('cifar10', 'res_student', methods, **FEW)
    trials += grid('cifar10', 'res_student', 'alone', **FEW, epochs=long)
    run(sorted(trials, key=lambda t: t.seed), progress=False, answers=True)

if __name__ == '__main__':
    match sys.argv[1:]:
        case ['get']: get()
        case ['teacher']: run([TEACHER], keep='teacher', progress=False)
        case ['few']: few()
        case _: sys.exit(__doc__)
