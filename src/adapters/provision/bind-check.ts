import { createServer } from 'node:net';

/** Where a server may listen: this machine only, and everywhere on both families. */
const ADDRESSES = ['127.0.0.1', '::'] as const;

/** Can a server listen on `port`, for this machine and for all? An address family that is switched off does not count. */
export async function isFree(port: number): Promise<boolean> {
  for (const address of ADDRESSES) if (!(await canBind(port, address))) return false;
  return true;
}

function canBind(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) =>
      resolve(error.code === 'EAFNOSUPPORT' || error.code === 'EADDRNOTAVAIL'),
    );
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
