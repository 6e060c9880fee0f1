"""Who is asking: taken from a verified token, never from the request's body."""

import os
from dataclasses import dataclass
from typing import Annotated

import jwt
from fastapi import Depends, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer


@dataclass(frozen=True)
class Customer:
    id: int


def customer(credentials: Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())]) -> Customer:
    try:
        claims = jwt.decode(
            credentials.credentials, os.environ["DESK_PUBLIC_KEY"], algorithms=["RS256"], audience="parcel-desk"
        )
    except jwt.InvalidTokenError as error:
        raise HTTPException(401) from error
    return Customer(int(claims["sub"]))
