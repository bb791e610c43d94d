"""Files of strangers, read within limits: what a file declares is compared with its bytes before anything is allocated.

``strict_json`` (JSON), ``arrays`` (NumPy's .npy and .npz), ``unpacking`` (gzip).
"""
