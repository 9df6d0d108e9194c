"""Files of unknown origin decoded in processes of their own, which may fall without harm.

The program starts one ``nursery``, which has loaded the decoders and forks a ``keeper`` for each
file that is opened. The keeper looks through the file once and forks ``readers``, one for the
frames on screen and one for each run over many, so that none has to look through it again. None of
them may open a socket, write a file or start a program, and what they say is taken for what it is:
the words of a stranger.
"""
