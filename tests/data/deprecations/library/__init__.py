from .layers import *
from .layers import _hidden as shown
from .old_name import old_name
from .charts import Plotter as Chart
