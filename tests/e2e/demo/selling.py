"""What an hour that also sells and inspects must show."""

from hour import expect


def sold_and_inspected(report):
    campaign, qa = report["campaign"], report["qa"]
    expect(campaign["target"] >= campaign["dialled"] >= campaign["reached"] >= campaign["interested"]
           >= campaign["sold"] > 0, f"the funnel: {campaign}")
    expect(campaign["attempts"] == campaign["tokens_redeemed"] == campaign["rings"] > 20, f"attempts: {campaign}")
    expect(len(campaign["by_dialer"]) == 2 and all(campaign["by_dialer"].values()), f"dialers: {campaign['by_dialer']}")
    expect(campaign["refusals"].get("FREQUENCY", 0) > 0, f"the cap refused nobody: {campaign['refusals']}")
    expect(campaign["left_out_of_lists"].get("NO_CONSENT", 0) > 0, f"left out: {campaign['left_out_of_lists']}")
    expect(campaign["callbacks_due"] <= campaign["callbacks_kept"] + campaign["callbacks_nobody_free"],
           f"callbacks: {campaign}")
    expect(qa["drawn"] == qa["scored"] == min(qa["drawn"], qa["conversations"]) > 0, f"quality: {qa}")
    expect(qa["planned"] == qa["drawn"] + sum(qa["shortfall"].values()), f"samples: {qa}")
    expect(50 < qa["average"] < 100, f"quality: {qa}")
