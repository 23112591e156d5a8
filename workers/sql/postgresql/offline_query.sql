$1 \gset skein_
