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
    """Fails unless all four clients tell the same story of one order, one sale and one evaluation of the day."""
    people = json.loads((stack.run / "simulator/people.json").read_text())
    password = next(p["password"] for p in people["people"] if p["login"] == "admin")
    tokens = grpcurl(stack, "access", "AccessService/Login",
                     {"tenant": people["tenant"], "login": "admin", "password": password})
    token = tokens["access_token"]
    agree_on_order(stack, token)
    agree_on_sale(stack, token)
    agree_on_evaluation(stack, token)


def both(stack, token, service, method, name):
    """The thing by gRPC and by JSON, which must say the same."""
    direct = grpcurl(stack, service, method, {"name": name}, token)
    rest = curl(stack, name, token)
    expect(direct["name"] == rest["name"] == name, f"{name} is {direct['name']} by gRPC, {rest['name']} by JSON")
    expect(direct["state"] == rest["state"], f"{name} is {direct['state']} by gRPC, {rest['state']} by JSON")
    return rest


def agree_on_order(stack, token):
    order, interaction, customer, number, state = psql(
        stack, "workorder", "SELECT work_order_id, interaction_id, customer_id, number, state FROM work_orders "
                            "WHERE interaction_id IS NOT NULL AND customer_id IS NOT NULL ORDER BY number LIMIT 1")
    psql(stack, "routing", f"SELECT state FROM interactions WHERE interaction_id = '{interaction}' "
                           f"AND customer_id = '{customer}' AND state = 'COMPLETED'")
    psql(stack, "customer", f"SELECT customer_id FROM customers WHERE customer_id = '{customer}'")
    both(stack, token, "customer", "CustomerService/GetCustomer", f"customers/{customer}")
    both(stack, token, "routing", "InteractionService/GetInteraction", f"interactions/{interaction}")
    rest = both(stack, token, "workorder", "WorkOrderService/GetWorkOrder", f"workOrders/{order}")
    expect(rest["number"] == number and rest["state"] == state, f"order {number} {state} in the table, {rest} by JSON")

    told = events(stack, "carillon.workorder.orders.v1", order)
    expect(told and told[0][0] == "carillon.workorder.v1.WorkOrderCreated", f"the order's events: {[t for t, _ in told]}")
    last = decoded(*told[-1])
    expect(f'"{number}"' in last and f"state: {state}" in last, f"the last event of order {number} {state} says:\n{last}")
    kinds = [kind for kind, _ in events(stack, "carillon.routing.interactions.v1", interaction)]
    expect(kinds[-1] == "carillon.routing.v1.InteractionCompleted", f"the interaction's events: {kinds}")
    print(f"psql, grpcurl, curl and kcat agree on order {number}, {len(told)} events")


def agree_on_sale(stack, token):
    """From the attempt to its target, call, interaction and work order."""
    attempt, target, customer, call, interaction, order = psql(
        stack, "campaign", "SELECT attempt_id, target_record_id, customer_id, call_id, split_part("
                           "body->'attempt'->>'interaction', '/', 2), split_part(body->'attempt'->>'work_order', '/', 2) "
                           "FROM attempts WHERE state = 'ENDED' AND disposition = 'SOLD' ORDER BY attempt_id LIMIT 1")
    psql(stack, "telephony", f"SELECT id FROM calls WHERE id = '{call}' AND attempt_id = '{attempt}' AND direction = "
                             "'OUTBOUND' AND state = 'CLEARED' AND answered_at > dialled_at")
    psql(stack, "routing", f"SELECT state FROM interactions WHERE interaction_id = '{interaction}' AND call_id = '{call}' "
                           "AND state = 'COMPLETED' AND disposition = 'SOLD'")
    psql(stack, "workorder", f"SELECT number FROM work_orders WHERE work_order_id = '{order}' AND interaction_id = "
                             f"'{interaction}' AND customer_id = '{customer}'")
    psql(stack, "insight", f"SELECT attempt_id FROM fact_attempts WHERE attempt_id = '{attempt}' AND disposition = 'SOLD'")
    rest = both(stack, token, "campaign", "CampaignService/GetAttempt", f"attempts/{attempt}")
    expect(rest["disposition"] == "SOLD" and rest["call"] == f"calls/{call}"
           and rest["workOrder"] == f"workOrders/{order}", f"attempt {attempt} by JSON: {rest}")
    expect(len(rest["gates"]) >= 2 and all(gate["consentEvidence"].startswith("agreement/") and not gate.get(
        "refusal", "REFUSAL_UNSPECIFIED").replace("REFUSAL_UNSPECIFIED", "") for gate in rest["gates"]),
           f"what the gate said of attempt {attempt}: {rest['gates']}")
    record = both(stack, token, "campaign", "CampaignService/GetTargetRecord", f"targetRecords/{target}")
    expect(record["state"] == "DONE" and record["lastDisposition"] == "SOLD", f"target {target} by JSON: {record}")
    told = events(stack, "carillon.campaign.attempts.v1", target)
    kinds = [kind.rpartition(".")[2] for kind, _ in told]
    expect(kinds.count("AttemptDialled") == record["attempts"] and "SaleClosed" in kinds,
           f"target {target} was dialled {record['attempts']} times, its events: {kinds}")
    sale = next(decoded(kind, payload) for kind, payload in told if kind.endswith(".SaleClosed"))
    expect(f'"attempts/{attempt}"' in sale and f'"customers/{customer}"' in sale, f"the sale says:\n{sale}")
    print(f"psql, grpcurl, curl and kcat agree on a sale, {len(told)} events")


def agree_on_evaluation(stack, token):
    evaluation, interaction, agent, total, state = psql(
        stack, "qa", "SELECT evaluation_id, interaction_id, agent_id, total, state FROM evaluations "
                     "WHERE total > 0 ORDER BY ended_at LIMIT 1")
    psql(stack, "routing", f"SELECT state FROM interactions WHERE interaction_id = '{interaction}' AND agent_id = "
                           f"'{agent}' AND talk_us > 0")
    psql(stack, "insight", f"SELECT evaluation_id FROM fact_evaluations WHERE evaluation_id = '{evaluation}' AND total = "
                           f"{total}")
    rest = both(stack, token, "qa", "EvaluationService/GetEvaluation", f"evaluations/{evaluation}")
    expect(rest["state"] == state and rest["total"] == int(total) and rest["interaction"] == f"interactions/{interaction}",
           f"evaluation {evaluation} {state} {total} in the table, {rest} by JSON")
    told = events(stack, "carillon.qa.evaluations.v1", evaluation)
    kinds = [kind.rpartition(".")[2] for kind, _ in told]
    expect(kinds == ["EvaluationDrawn", "EvaluationScored", "EvaluationPublished", "EvaluationAcknowledged"],
           f"the evaluation's events: {kinds}")
    last = decoded(*told[-1])
    expect(f"total: {total}" in last and f'"agents/{agent}"' in last, f"the last event of the evaluation says:\n{last}")
    print(f"psql, grpcurl, curl and kcat agree on an evaluation, {len(told)} events")
