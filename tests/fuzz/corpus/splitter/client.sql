\i x
.read y
