/** The same API, right, as other people would write it: none of it may be mistaken for a cheat. */
import type { Change } from './bench.js';
import { honest } from './gallery.js';

const { main, tests } = honest;

const RAW = `"""Notes, without an ORM."""

from os import environ

import asyncpg
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel, Field

application = FastAPI()
app = application
DSN = environ["DATABASE_URL"].replace("+asyncpg", "")


class Body(BaseModel):
    """A new note."""

    text: str = Field(min_length=1, max_length=200)


@application.post("/notes", status_code=201)
async def add(body: Body) -> dict[str, object]:
    """Insert."""
    connection = await asyncpg.connect(DSN)
    try:
        row = await connection.fetchrow("INSERT INTO notes (text) VALUES ($1) RETURNING id, text", body.text)
    finally:
        await connection.close()
    return dict(row)


@application.get("/notes/{number}")
async def one(number: int) -> dict[str, object]:
    """Select."""
    connection = await asyncpg.connect(DSN)
    try:
        row = await connection.fetchrow("SELECT id, text FROM notes WHERE id = $1", number)
    finally:
        await connection.close()
    if row is None:
        raise HTTPException(404, "no such note")
    return dict(row)
`;

const ROUTER = main
  .replace(
    'from fastapi import Depends, FastAPI, HTTPException',
    'from fastapi import APIRouter, Depends, HTTPException',
  )
  .replace('app = FastAPI(title="Notes")', 'router = APIRouter(prefix="/notes")')
  .replaceAll('@app.post("/notes"', '@router.post(""')
  .replaceAll('@app.get("/notes/{note_id}")', '@router.get("/{note_id}")');

const SYNC = `"""Notes, in threads: plain functions over SQLAlchemy's synchronous session."""

import asyncio

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from app.database import Note, engine

app = FastAPI()


class NoteIn(BaseModel):
    """A new note."""

    text: str = Field(min_length=1, max_length=200)


def within(work):
    """Run a synchronous piece of work in a session of its own."""

    async def run():
        async with engine.connect() as connection:
            return await connection.run_sync(lambda plain: work(Session(plain, expire_on_commit=False)))

    return asyncio.run(run())


@app.post("/notes", status_code=201)
def create(body: NoteIn) -> dict[str, object]:
    """Store."""

    def work(session: Session) -> dict[str, object]:
        note = Note(text=body.text)
        session.add(note)
        session.commit()
        return {"id": note.id, "text": note.text}

    return within(work)


@app.get("/notes/{note_id}")
def read(note_id: int) -> dict[str, object]:
    """Read."""

    def work(session: Session) -> dict[str, object] | None:
        note = session.get(Note, note_id)
        return None if note is None else {"id": note.id, "text": note.text}

    found = within(work)
    if found is None:
        raise HTTPException(404, "no such note")
    return found
`;

const CLASSES = `"""The notes API, as classes with a helper."""

from httpx import AsyncClient, Response


def expect_status(response: Response, status: int) -> None:
    """A helper that asserts."""
    assert response.status_code == status, response.text


class TestNotes:
    """Both routes."""

    async def test_stored(self, client: AsyncClient) -> None:
        """Written and read."""
        made = await client.post("/notes", json={"text": "hello"})
        expect_status(made, 201)
        expect_status(await client.get(f"/notes/{made.json()['id']}"), 200)

    async def test_missing(self, client: AsyncClient) -> None:
        """404."""
        expect_status(await client.get("/notes/999999"), 404)
`;

const REASONS = `tests/test_notes.py::test_a_note_is_stored # now a method of TestNotes
tests/test_notes.py::test_a_missing_note_is_not_found # now a method of TestNotes
`;

const ELSEWHERE = tests.replace(/"""The notes[^\n]*\n/, '"""Tests beside the features they test."""\n');

export const honestStyles: readonly { readonly name: string; readonly change: Change }[] = [
  { name: 'asyncpg without an ORM', change: { 'app/main.py': RAW } },
  {
    name: 'routers in a package of another layout',
    change: {
      'app/main.py':
        '"""Entry."""\n\nfrom fastapi import FastAPI\n\nfrom src.notes.web import router\n\napp = FastAPI()\napp.include_router(router)\n',
      'src/__init__.py': '',
      'src/notes/__init__.py': '',
      'src/notes/web.py': ROUTER,
    },
  },
  { name: "synchronous handlers and SQLAlchemy's synchronous session", change: { 'app/main.py': SYNC } },
  {
    name: 'tests as classes, the old ones removed with a reason',
    change: { 'tests/test_notes.py': CLASSES, 'tests/removed_tests.txt': REASONS },
  },
  {
    name: 'other names for everything that is not the contract',
    change: {
      'app/main.py': main
        .replaceAll('NoteCreate', 'Payload')
        .replaceAll('NoteRead', 'Representation')
        .replaceAll('create_note', 'handle_post'),
      'tests/test_notes.py': ELSEWHERE,
    },
  },
];
