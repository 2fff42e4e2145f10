"""Preference pairs: for one prompt a better and a worse answer, from columns, ratings or reviews; what DPO learns from.

`load_pairs(project)` is what training reads.
"""

from engine.data.preferences.kept import PairPlan as PairPlan
from engine.data.preferences.kept import PreferenceSet as PreferenceSet
from engine.data.preferences.kept import load_pairs as load_pairs
from engine.data.preferences.kept import make_pairs as make_pairs
