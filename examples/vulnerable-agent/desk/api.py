"""The public endpoint."""

import uvicorn
from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import HTMLResponse
from pydantic import BaseModel

from desk import assistant, memory

app = FastAPI()
app.add_middleware(CORSMiddleware, allow_origins=["*"], allow_credentials=True, allow_methods=["*"])


class Question(BaseModel):
    customer: str
    about: str
    text: str


@app.post("/ask")
async def ask(question: Question) -> HTMLResponse:
    messages = [*memory.load(question.customer), {"role": "user", "content": question.text}]
    reply = await assistant.answer(question.about, messages)
    memory.save(question.customer, [*messages, {"role": "assistant", "content": reply}])
    return HTMLResponse(f"<article>{reply}</article>")


if __name__ == "__main__":
    uvicorn.run(app, host="0.0.0.0", port=8000)
