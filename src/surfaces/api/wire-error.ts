import { CodewalkError, UsageError } from '../../core/errors.ts';

/** One of our own errors on its way from the server to a client. */
export interface WireError {
  readonly code: string;
  readonly message: string;
  readonly advice?: string;
  readonly isUsage: boolean;
}

/** The error that was thrown over there. */
export function fromWire({ code, message, advice, isUsage }: WireError): CodewalkError {
  return isUsage ? new UsageError(code, message, { advice }) : new CodewalkError(code, message, { advice });
}
