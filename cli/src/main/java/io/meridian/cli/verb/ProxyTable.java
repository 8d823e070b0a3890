package io.meridian.cli.verb;

import io.meridian.api.type.v1.Position;
import io.meridian.api.type.v1.ProxyStatus;
import io.meridian.api.type.v1.ProxyStatus.State;
import io.meridian.api.type.v1.ProxyStatus.TypeStatus;
import io.meridian.cli.text.Durations;
import io.meridian.cli.text.Positions;
import io.meridian.cli.text.ProtoTree;
import io.meridian.cli.text.Table;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Proxies for people and for programs. */
final class ProxyTable {
    private ProxyTable() {}

    /** With a column for each xDS type that any of them uses. */
    static Table of(List<ProxyStatus> proxies, boolean wide, Instant now) {
        List<String> types = proxies.stream()
                .flatMap(proxy -> proxy.getTypesList().stream())
                .map(TypeStatus::getType)
                .collect(Collectors.collectingAndThen(Collectors.toCollection(TreeSet::new), List::copyOf));
        List<String> headers = new ArrayList<>(List.of("PROXY", "CLUSTER", "REGION", "GATEWAY", "STATE"));
        headers.addAll(types);
        headers.addAll(List.of("POSITION", "LAG", "AGE"));
        if (wide) {
            headers.addAll(List.of("TYPE", "VERSION", "SERVED", "PROTOCOL", "PEER", "STREAMS/MIN", "REFUSALS"));
        }
        Table table = new Table(headers);
        for (ProxyStatus proxy : proxies) {
            List<String> row = new ArrayList<>(List.of(
                    name(proxy.getNode()),
                    proxy.getCluster(),
                    proxy.getRegion(),
                    proxy.getGateway(),
                    state(proxy.getState())));
            types.forEach(type -> row.add(state(proxy, type)));
            row.add(Positions.cell(proxy.getAcknowledged()));
            row.add(Durations.brief(Durations.of(proxy.getLag())));
            row.add(Durations.brief(Duration.between(Instant.ofEpochMilli(proxy.getConnectedAtMs()), now)));
            if (wide) {
                row.addAll(List.of(
                        proxy.getType(),
                        proxy.getVersion(),
                        Positions.cell(proxy.getServed()),
                        proxy.getProtocol(),
                        proxy.getPeer(),
                        Integer.toString(proxy.getConduct().getStreamsLastMinute()),
                        Integer.toString(proxy.getConduct().getRefusals())));
            }
            table.row(row);
        }
        return table;
    }

    /** "reviews-v1.default refused CDS: TEXT (from VirtualService default/reviews, event 1.7)", for each refusal. */
    static List<String> refusals(List<ProxyStatus> proxies) {
        List<String> lines = new ArrayList<>();
        for (ProxyStatus proxy : proxies) {
            for (TypeStatus type : proxy.getTypesList()) {
                if (!type.getNack().isEmpty()) {
                    lines.add(name(proxy.getNode()) + " refused " + type.getType() + ": " + type.getNack()
                            + cause(type.getRejected()));
                }
            }
        }
        return lines;
    }

    /**
     * "the roll-out of RDS 80 is halted at gateway eu-1-0: 2 of 3 canaries refused it: TEXT (from VirtualService default/reviews, event 1.7); 12
     * proxies keep the version before", for each version of a resource and each gateway.
     */
    static List<String> halts(List<ProxyStatus> proxies) {
        Map<Halted, Integer> kept = new LinkedHashMap<>();
        proxies.forEach(proxy ->
                proxy.getHeldList().forEach(held -> kept.merge(new Halted(proxy.getGateway(), held), 1, Integer::sum)));
        List<String> lines = new ArrayList<>();
        kept.forEach((halted, count) -> lines.add("the roll-out of "
                + halted.what().getType() + " " + halted.what().getName()
                + " is halted at gateway " + halted.gateway() + ": " + refused(halted.what()) + "; "
                + (count == 1 ? "1 proxy keeps" : count + " proxies keep") + " the version before"));
        return lines;
    }

    private record Halted(String gateway, ProxyStatus.HeldResource what) {}

    /** "2 of 3 canaries refused it: TEXT (from VirtualService default/reviews, event 1.7)". */
    static String refused(ProxyStatus.HeldResource held) {
        return held.getRefused() + " of " + held.getCanaries() + (held.getCanaries() == 1 ? " canary" : " canaries")
                + " refused it: " + held.getMessage()
                + (held.hasEvent() ? cause(held.getObjectsList(), held.getEvent()) : "");
    }

    private static String cause(ProxyStatus.Rejection rejection) {
        return rejection.hasEvent() ? cause(rejection.getObjectsList(), rejection.getEvent()) : "";
    }

    private static String cause(List<ProxyStatus.Cause> objects, Position event) {
        String object = objects.isEmpty()
                ? ""
                : "from " + ProxyDetails.object(objects.getFirst().getObject()) + ", ";
        return " (" + object + "event " + Positions.text(event) + ")";
    }

    /** A status as it is, and in short: the position that is acknowledged, the lag in milliseconds, all refusals in one text. */
    static Map<String, @Nullable Object> tree(ProxyStatus proxy) {
        Map<String, @Nullable Object> tree = new LinkedHashMap<>(ProtoTree.of(proxy));
        tree.put("name", name(proxy.getNode()));
        tree.put("position", tree.get("acknowledged"));
        tree.put("lagMs", Durations.of(proxy.getLag()).toMillis());
        tree.put(
                "nack",
                proxy.getTypesList().stream()
                        .filter(type -> !type.getNack().isEmpty())
                        .map(type -> type.getType() + ": " + type.getNack())
                        .collect(Collectors.joining("\n")));
        return tree;
    }

    static List<@Nullable Object> trees(List<ProxyStatus> proxies) {
        List<@Nullable Object> trees = new ArrayList<>();
        proxies.forEach(proxy -> trees.add(tree(proxy)));
        return trees;
    }

    private static String state(State state) {
        return state == State.STATE_UNSPECIFIED ? "-" : state.name();
    }

    private static String state(ProxyStatus proxy, String type) {
        return proxy.getTypesList().stream()
                .filter(status -> status.getType().equals(type))
                .map(status -> state(status.getState()))
                .findFirst()
                .orElse("-");
    }

    /** NAME.NAMESPACE of a node id "TYPE~IP~NAME.NAMESPACE~DOMAIN"; another one as it is. */
    static String name(String node) {
        List<String> parts = List.of(node.split("~", -1));
        return parts.size() == 4 ? parts.get(2) : node;
    }
}
