package io.meridian.core.admin;

import com.google.protobuf.util.Durations;
import io.meridian.api.admin.v1.FailoverPlan;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.Position;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** What moving a mesh's home would mean, from what is known of the regions. Pure and stateless. */
final class FailoverPlanner {
    static final String HANDOVER = "handover";
    static final String FAILOVER = "failover";
    static final String WITHOUT_MAJORITY = "failover --without-majority";
    static final String NONE = "none";

    private FailoverPlanner() {}

    /**
     * What is known.
     *
     * @param regions all, the answering one included; those that are members are the voters
     * @param underWay a move that the home is making, in words; empty if there is none
     * @param proxies of the mesh that are connected to any region that answered
     * @param homeProxies those of them that the home's region serves
     */
    record Known(
            MeshId mesh,
            String home,
            List<RegionView> regions,
            Optional<String> underWay,
            int proxies,
            int homeProxies,
            String durability) {
        Known {
            regions = List.copyOf(regions);
        }

        List<RegionView> voters() {
            return regions.stream().filter(RegionView::member).toList();
        }

        Optional<RegionView> region(String name) {
            return regions.stream().filter(region -> region.name().equals(name)).findFirst();
        }
    }

    /** {@code to}: a region of {@code known}. */
    static FailoverPlan plan(Known known, String to) {
        RegionView target = known.region(to).orElseThrow();
        Optional<RegionView> home = known.region(known.home());
        boolean homeReachable = home.map(RegionView::reachable).orElse(false);
        Optional<Position> furthest = furthest(known.regions());
        List<RegionView> survivors = known.regions().stream()
                .filter(region -> region.reachable()
                        && region.member()
                        && !region.witness()
                        && !region.name().equals(known.home()))
                .toList();
        List<RegionView> voters = known.voters();
        int majority = voters.size() / 2 + 1;
        List<String> reachable = names(voters, true);
        FailoverPlan.Builder plan = FailoverPlan.newBuilder()
                .setMesh(Names.of(known.mesh()))
                .setHomeRegion(known.home())
                .setToRegion(to)
                .setHomeReachable(homeReachable)
                .setEventsBehind(lack(furthest, target.head()))
                .setEventsAtRisk(lack(furthest, furthest(survivors)))
                .setVoters(voters.size())
                .setMajority(majority)
                .addAllReachableVoters(reachable)
                .addAllUnreachableVoters(names(voters, false))
                .setProxiesThatMove(known.homeProxies())
                .setProxies(known.proxies())
                .setDurability(known.durability());
        home.ifPresent(region ->
                plan.setHomeSilentFor(Durations.fromMillis(region.silentFor().toMillis())));
        furthest.ifPresent(position -> plan.setHomeLastKnownHead(position.toProto()));
        target.head().ifPresent(position -> plan.setReplicaHead(position.toProto()));

        List<String> obstacles = obstacles(known, target, homeReachable);
        if (!obstacles.isEmpty()) {
            return plan.setAdvice(NONE).addAllObstacles(obstacles).build();
        }
        if (homeReachable) {
            return plan.setAdvice(HANDOVER).build();
        }
        if (reachable.size() >= majority) {
            return plan.setAdvice(FAILOVER).build();
        }
        return plan.setAdvice(WITHOUT_MAJORITY)
                .addObstacles(reachable.size() + " of " + voters.size() + " voters can be reached, " + majority
                        + " are a majority")
                .build();
    }

    private static List<String> obstacles(Known known, RegionView target, boolean homeReachable) {
        List<String> obstacles = new ArrayList<>();
        if (target.name().equals(known.home())) {
            obstacles.add("region " + target.name() + " is the home already");
        }
        if (!target.member()) {
            obstacles.add("region " + target.name() + " is no member of the mesh; let it join first");
        }
        if (target.witness()) {
            obstacles.add("region " + target.name() + " is a witness: it keeps no events");
        }
        if (target.astray()) {
            obstacles.add(
                    "region " + target.name() + " holds events up to "
                            + target.head().map(Position::toString).orElse("")
                            + " that a later epoch went on without; let it follow first, with the home back or another region as the home: then it leaves them as a divergent branch, which `branches` shows");
        }
        if (!target.reachable()) {
            obstacles.add("region " + target.name() + " has been silent for "
                    + target.silentFor().toSeconds() + " s");
        }
        if (homeReachable) {
            known.underWay().ifPresent(obstacles::add);
        }
        return obstacles;
    }

    private static List<String> names(List<RegionView> regions, boolean reachable) {
        return regions.stream()
                .filter(region -> region.reachable() == reachable)
                .map(RegionView::name)
                .sorted()
                .toList();
    }

    private static Optional<Position> furthest(List<RegionView> regions) {
        return regions.stream().flatMap(region -> region.head().stream()).max(Comparator.naturalOrder());
    }

    /** Seqs are contiguous over epochs. */
    private static long lack(Optional<Position> whole, Optional<Position> held) {
        return Math.max(
                0, whole.map(Position::seq).orElse(0L) - held.map(Position::seq).orElse(0L));
    }
}
