"""Two Olm accounts, made once, because the library draws its own randomness.

Bob's holds the private half of the one-time key that the frozen envelope was made with.
"""

from __future__ import annotations

from protocol.e2e.account import AccountState
from protocol.keys import Secret

_ALICES = (
    b"oTJQxRSwLqtIzXswxjRdBcQlMkowl9Y91cxYyP88Rl5l0KRVhtM2GTCURHrr+Vq9JacYzgEeVWuje2mb"
    b"vMsQko1iHq/IkIzBwkmsRtuUN+XXFsaSrSN4BgqN1cCIUx+la5DbZ51m6rZuFdwh9F+KSmSyhHoWjy9G"
    b"nrafvOg2borL56GuvhxeY8OEfq0MRBLgjh7Ts4k+j4f8LzfWisfnwLE/Q0MNR1MqneM3/sCrmpEaJsEb"
    b"HMLZOonWyO5DQZ97jWjo1Gpu1gVD3T/0tz4o+J4JutOsHgmO0vvM4LlQP9ZNrDTVMucXg6v6/d2C7Hzv"
    b"nrybXgsOmQrkWudSFgwSPhZcg9dbDYl7OscPS3ZlmUXucDkWtZSyV1ohNcaLQDgNtZFjOOQXF5QXzALn"
    b"bLU4XYIbV+Z0famAYhUPnXzASRB4UEqZ9axpx6HXXejtoYLA4e8wFJGKpaGesPFMjJfh6LtC2PTfwgqz"
    b"BaMnAIY4hz8uzMepof5Z0s0q/N0BNg3NYeMylflJf4tGmWnQNZvCNQzCM+kc9DmzaVwuo1CNgJ2fazc1"
    b"K8r5SuhT77XapIAqoJNDmr+l484"
)
_BOBS = (
    b"oTJQxRSwLqtIzXswxjRdBW5Ox8M9fRDggLiLIexDHF9MzMq0DgkYEaOX0ATTu6vNVMuCz8seKWSRuRot"
    b"ysW+FHP8EWIQ+hGWROnE3Hg6/H7LK8K+OW4z2fW9F8ClwamC98AsFDDH4SNrtZ3ukRfbCVfVNE6W3hux"
    b"he1tdjcRFxC4NiPfbONEhD0WHT2f1qphMZ6LjrYAZ/DGZJTJdTAKFTu4GunH/HRyJ/UY2p0SVq1F+VuT"
    b"UO/pSfL2yhq9LoxguXx4i4KyOnmi9Zt9BTv5j09sxBLSEITGkMTnbKhJ2a1uU18j4yrFcLLCbHXlfBtj"
    b"/TiGeSxcXDumOQbR9Rax/aGmMVFttmDztdVWKaf0Gu4+S79bpgjlV4/OH+sUm7l8EjUd8OoZVas/nd/V"
    b"awA7gxbluH7klRoaQ9kfykF6ebB/coqRC2Q6Bj9JM0u2rgEOm0EE9Wp0hq762fWzBeb7VZ5jxxm3Rfvn"
    b"wadv5tDVdxlhGbzu6qyffbO4EKpB1R6wh3WWNaUiA4jH9GIkiHKQkIOb5GJ0/nhmG78x/V5DVgA7C+n6"
    b"beSH2xUi/Ns11AEcKOq7yxZsQpMkRXlPhIttPKrzjZ0B5vzmRoXR4flqDtMnyPHoIwG8S7OZynaWADrL"
    b"YeYCFP6b51sad3OtXLjp7n0NzSJJfdwMKUYzmmGCRohkv8FYIcp+oZkGa0lTkqtngmKyJ3QWuFOBaIB/"
    b"VVcwZUQSda/uR6SnEbdH5+og5x6Obj/PT+zzBg"
)
ALICES_ACCOUNT = AccountState(Secret(_ALICES))
BOBS_ACCOUNT = AccountState(Secret(_BOBS))
