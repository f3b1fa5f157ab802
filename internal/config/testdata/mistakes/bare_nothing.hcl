# Nothing stands here.
