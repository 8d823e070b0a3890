package io.meridian.cli.verb;

import io.meridian.api.admin.v1.FailoverPlan;
import io.meridian.cli.text.Durations;
import io.meridian.cli.text.Positions;
import java.util.List;

/** What a failover would mean, for people. */
final class PlanText {
    private static final int LABEL = 16;

    private PlanText() {}

    static String of(FailoverPlan plan) {
        StringBuilder text = new StringBuilder("mesh " + Names.last(plan.getMesh()) + ", home " + plan.getHomeRegion()
                + ", to " + plan.getToRegion() + "\n");
        String silent = Durations.brief(Durations.of(plan.getHomeSilentFor()));
        line(
                text,
                "Home",
                plan.getHomeRegion() + (plan.getHomeReachable() ? " answers" : " has been silent for " + silent)
                        + "; last known at " + Positions.cell(plan.getHomeLastKnownHead()));
        line(
                text,
                plan.getToRegion(),
                "holds " + Positions.cell(plan.getReplicaHead()) + ", " + events(plan.getEventsBehind()) + " behind");
        line(
                text,
                "At risk",
                plan.getEventsAtRisk() == 0
                        ? "nothing that is known"
                        : events(plan.getEventsAtRisk()) + " that no reachable region but the home holds");
        line(text, "Durability", plan.getDurability());
        line(
                text,
                "Voters",
                plan.getReachableVotersCount() + " of " + plan.getVoters() + " reachable ("
                        + names(plan.getReachableVotersList()) + "), " + plan.getMajority() + " are a majority"
                        + (plan.getUnreachableVotersCount() == 0
                                ? ""
                                : "; not reachable: " + names(plan.getUnreachableVotersList())));
        line(
                text,
                "Proxies",
                plan.getProxiesThatMove() + " of " + plan.getProxies() + " are served by " + plan.getHomeRegion()
                        + (plan.getHomeReachable() ? "" : " and have to go elsewhere"));
        plan.getObstaclesList().forEach(obstacle -> line(text, "Obstacle", obstacle));
        line(text, "Advice", advice(plan));
        return text.toString();
    }

    private static String advice(FailoverPlan plan) {
        return plan.getAdvice().equals("none")
                ? "none: nothing can be done now"
                : "meridian " + plan.getAdvice() + " --mesh " + Names.last(plan.getMesh()) + " --to "
                        + plan.getToRegion() + " --reason TEXT";
    }

    private static String events(long count) {
        return count == 1 ? "1 event" : count + " events";
    }

    private static String names(List<String> names) {
        return names.isEmpty() ? "none" : String.join(", ", names);
    }

    private static void line(StringBuilder text, String label, String value) {
        text.append("  ")
                .append(label)
                .append(':')
                .repeat(" ", Math.max(1, LABEL - label.length()))
                .append(value.replaceAll("\\p{Cntrl}+", " "))
                .append('\n');
    }
}
