"""The same customer, interaction, order and event, seen by clients that others wrote: psql, grpcurl, curl and kcat."""

import json
import re
import subprocess

from hour import expect, layout


def output(command, **how):
    done = subprocess.run([str(word) for word in command], capture_output=True, timeout=60, **how)
    expect(done.returncode == 0, f"{command[0]}: {done.stderr.decode(errors='replace').strip()[-400:]}")
    return done.stdout


def psql(stack, service, statement):
    line = output(["psql", "-XAtq", stack.postgres.url(database=service), "-c", statement]).decode().strip()
    expect(line, f"{service} has no row for: {statement}")
    return line.split("\n")[0].split("|")


def grpcurl(stack, service, method, request, token=None):
    certificate, key = stack.certificates.of("operator")
    header = ["-H", f"authorization: Bearer {token}"] if token else []
    return json.loads(output([layout.TOOLS / "bin/grpcurl", "-cacert", stack.certificates.ca, "-cert", certificate,
                              "-key", key, *header, "-d", json.dumps(request),
                              f"localhost:{stack.ports[service]}", f"carillon.{service}.v1.{method}"]))


def curl(stack, path, token):
    return json.loads(output(["curl", "-sSf", "--cacert", stack.certificates.ca, "-H", f"authorization: Bearer {token}",
                              f"https://localhost:{stack.ports['gateway']}/v1/{path}"]))


def events(stack, topic, key):
    """(type, payload bytes) of the key, oldest first."""
    common = ["kcat", "-b", f"127.0.0.1:{stack.ports['kafka']}", "-C", "-e", "-q", "-t", topic, "-o", "beginning",
              "-X", "security.protocol=SASL_PLAINTEXT", "-X", "sasl.mechanisms=PLAIN", "-X", "sasl.username=admin",
              "-X", f"sasl.password={stack.secrets.get('kafka_admin')}"]
    found = []
    for line in output([*common, "-f", "%p %o %k %h\n"]).decode(errors="replace").splitlines():
        partition, offset, at, headers = line.split(" ", 3)
        if at == key:
            payload = output([*common[:8], *common[10:], "-p", partition, "-o", offset, "-c", "1", "-f", "%s"])
            found.append((re.search(r"ce_type=([\w.]+)", headers).group(1), payload))
    return found


def decoded(kind, payload):
    return output(["protoc", f"--descriptor_set_in={layout.BUILD / 'descriptor.binpb'}", f"--decode={kind}"],
                  input=payload).decode()


def agree(stack):
    """Fails unless all four clients tell the same story of one order of the day."""
    people = json.loads((stack.run / "simulator/people.json").read_text())
    password = next(p["password"] for p in people["people"] if p["login"] == "admin")
    tokens = grpcurl(stack, "access", "AccessService/Login",
                     {"tenant": people["tenant"], "login": "admin", "password": password})
    token = tokens["access_token"]
    order, interaction, customer, number, state = psql(
        stack, "workorder", "SELECT work_order_id, interaction_id, customer_id, number, state FROM work_orders "
                            "WHERE interaction_id IS NOT NULL AND customer_id IS NOT NULL ORDER BY number LIMIT 1")
    psql(stack, "routing", f"SELECT state FROM interactions WHERE interaction_id = '{interaction}' "
                           f"AND customer_id = '{customer}' AND state = 'COMPLETED'")
    psql(stack, "customer", f"SELECT customer_id FROM customers WHERE customer_id = '{customer}'")
    for service, method, name in (("customer", "CustomerService/GetCustomer", f"customers/{customer}"),
                                  ("routing", "InteractionService/GetInteraction", f"interactions/{interaction}"),
                                  ("workorder", "WorkOrderService/GetWorkOrder", f"workOrders/{order}")):
        direct = grpcurl(stack, service, method, {"name": name}, token)
        rest = curl(stack, name, token)
        expect(direct["name"] == rest["name"] == name, f"{name} is {direct['name']} by gRPC, {rest['name']} by JSON")
        expect(direct["state"] == rest["state"], f"{name} is {direct['state']} by gRPC, {rest['state']} by JSON")
    expect(rest["number"] == number and rest["state"] == state, f"order {number} {state} in the table, {rest} by JSON")

    told = events(stack, "carillon.workorder.orders.v1", order)
    expect(told and told[0][0] == "carillon.workorder.v1.WorkOrderCreated", f"the order's events: {[t for t, _ in told]}")
    last = decoded(*told[-1])
    expect(f'"{number}"' in last and f"state: {state}" in last, f"the last event of order {number} {state} says:\n{last}")
    kinds = [kind for kind, _ in events(stack, "carillon.routing.interactions.v1", interaction)]
    expect(kinds[-1] == "carillon.routing.v1.InteractionCompleted", f"the interaction's events: {kinds}")
    print(f"psql, grpcurl, curl and kcat agree on order {number}, {len(told)} events")
