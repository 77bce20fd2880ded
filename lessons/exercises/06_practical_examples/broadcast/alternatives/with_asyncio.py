"""A task for each client; what is not done after a second is given up."""

import asyncio


async def deliver(client, message):
    client.setblocking(False)
    await asyncio.get_running_loop().sock_sendall(client, message)


async def deliver_all(clients, message):
    tasks = {asyncio.create_task(deliver(c, message)): c for c in clients}
    if not tasks:
        return []
    done, late = await asyncio.wait(tasks, timeout=1)
    for task in late:
        task.cancel()
    await asyncio.gather(*late, return_exceptions=True)
    failed = {task for task in done if task.exception() is not None}
    return [tasks[task] for task in late | failed]


def broadcast(clients, message):
    timeouts = {client: client.gettimeout() for client in clients}
    for client in asyncio.run(deliver_all(clients, message)):
        clients.remove(client)
        client.close()
    for client in clients:
        client.settimeout(timeouts[client])
