import type { ServerResponse } from 'node:http';
import type { NextId, Protocol, Question } from './protocol.ts';
import type { ParsedScenario } from './scenarios.ts';
import type { Step } from './steps.ts';

/** One question and all that its answer is made of. */
export interface Exchange {
  readonly response: ServerResponse;
  readonly speak: Protocol;
  readonly question: Question;
  readonly step: Step;
  readonly nextId: NextId;
}

const EVENT_STREAM = { 'content-type': 'text/event-stream' };

/** Answers in the way that was asked for: as a stream of events or as one body. */
export function sendAnswer({ response, speak, question, step, nextId }: Exchange): void {
  const answer = question.detour ?? speak.answer(step, question.tools);
  if (question.stream) {
    response.writeHead(200, EVENT_STREAM).end(speak.frames(answer, question, nextId).join(''));
  } else {
    sendJson(response, 200, speak.whole(answer, question, nextId));
  }
}

/** Lets the exchange fail; `usageResetsAt` in epoch seconds. */
export function sendFailure(
  exchange: Exchange,
  { failure, retryAfterS }: ParsedScenario,
  usageResetsAt: number,
): void {
  const { response, speak, question } = exchange;
  switch (failure) {
    case 'hang':
      return;
    case 'reset':
      response.socket?.resetAndDestroy();
      return;
    case 'cut':
      if (question.stream) sendHalf(exchange, () => response.socket?.destroySoon());
      else sendAnswer(exchange);
      return;
    case 'stall':
      if (question.stream) sendHalf(exchange, () => undefined);
      else sendAnswer(exchange);
      return;
    default: {
      const after = retryAfterS === undefined ? {} : { retryAfterS };
      const { status, headers, body } = speak.refusal(failure, { usageResetsAt, ...after });
      sendJson(response, status, body, headers);
    }
  }
}

function sendHalf({ response, speak, question, step, nextId }: Exchange, sent: () => void): void {
  const frames = speak.frames(question.detour ?? speak.answer(step, question.tools), question, nextId);
  response.writeHead(200, EVENT_STREAM);
  response.write(frames.slice(0, Math.floor(frames.length / 2)).join(''), sent);
}

export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}
