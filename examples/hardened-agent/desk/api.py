"""The public endpoint. TLS ends at the load balancer in front of it."""

from typing import Annotated

import uvicorn
from fastapi import Depends, FastAPI, Request
from fastapi.middleware.cors import CORSMiddleware
from pydantic import BaseModel, Field
from slowapi import Limiter
from slowapi.util import get_remote_address

from desk import assistant, memory
from desk.customer import Customer, customer

app = FastAPI()
app.add_middleware(CORSMiddleware, allow_origins=["https://www.parcel-desk.example"], allow_methods=["POST"])
app.state.limiter = limiter = Limiter(key_func=get_remote_address)


class Question(BaseModel):
    text: str = Field(max_length=2000)


class Reply(BaseModel):
    text: str


@app.post("/ask")
@limiter.limit("10/minute")
async def ask(request: Request, question: Question, who: Annotated[Customer, Depends(customer)]) -> Reply:
    messages = [*memory.load(who), {"role": "user", "content": question.text}]
    reply = await assistant.answer(who, messages)
    memory.save(who, [*messages, {"role": "assistant", "content": reply}])
    return Reply(text=reply)


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=8000)
