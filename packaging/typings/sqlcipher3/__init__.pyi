# What Aside uses of sqlcipher3 0.6.4, which brings no types; the shape is that of typeshed's sqlite3.
from sqlcipher3.dbapi2 import *
