package io.meridian.gateway.internal.rollout;

import static io.meridian.compiler.XdsType.CLUSTER;
import static io.meridian.compiler.XdsType.ENDPOINT;
import static io.meridian.compiler.XdsType.LISTENER;
import static io.meridian.compiler.XdsType.ROUTE;
import static org.assertj.core.api.Assertions.assertThat;

import io.meridian.compiler.ProxyView;
import io.meridian.compiler.XdsResource;
import io.meridian.compiler.XdsType;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.jspecify.annotations.Nullable;
import org.pcollections.PSortedMap;
import org.pcollections.TreePMap;

/** Random histories of changes, refusals, silence, reconnects and shares: what whoever is no canary is served is whole, and never what was halted. */
class StagesPropertiesTest {
    @Property(tries = 1500, edgeCases = net.jqwik.api.EdgeCasesMode.NONE)
    void nobodyElseIsServedWhatWasHaltedAndAllConvergeOnceNothingIsRefused(@ForAll long seed) {
        new History(seed).run();
    }

    private static final class History {
        private static final int STEPS = 120;

        private final Random random;
        private final Stages<Client> stages = new Stages<>(new RolloutPolicy(50, 40));
        private final List<Configs> groups = List.of(new Configs(), new Configs());
        private final List<Map<XdsType, PSortedMap<String, XdsResource>>> published =
                new ArrayList<>(List.of(Map.of(), Map.of()));
        private final List<Client> connected = new ArrayList<>();
        private final Set<Content> halted = new HashSet<>();
        private long seq = 1;
        private long now = 1_000;
        private int version;

        History(long seed) {
            random = new Random(seed);
        }

        /** One stream. Canaries refuse every content that says so. */
        private static final class Client {
            private final String node;
            private final int group;
            private @Nullable ProxyView view;
            private List<Halt> halts = List.of();
            private final Deque<Stages.Delivery<Client>> unread = new ArrayDeque<>();
            private final Map<XdsType, Map<String, String>> held = new TreeMap<>();

            Client(String node, int group) {
                this.node = node;
                this.group = group;
            }

            @Override
            public String toString() {
                return node;
            }
        }

        void run() {
            for (int i = 0; i < 4; i++) {
                change();
            }
            for (int step = 0; step < STEPS; step++) {
                switch (random.nextInt(12)) {
                    case 0, 1, 2 -> {
                        for (int changes = random.nextInt(4); changes >= 0; changes--) {
                            change();
                        }
                        publish();
                    }
                    case 3 -> join();
                    case 4 -> {
                        if (!connected.isEmpty() && random.nextInt(2) == 0) {
                            stages.leave(connected.remove(random.nextInt(connected.size())));
                        }
                    }
                    case 5 -> now += random.nextLong(Duration.ofSeconds(3).toNanos());
                    case 6 -> {
                        if (random.nextInt(10) == 0) {
                            stages.policy(new RolloutPolicy(1 + random.nextInt(100), 1 + random.nextInt(100)));
                            publish();
                        }
                    }
                    default -> {
                        if (!connected.isEmpty()) {
                            read(connected.get(random.nextInt(connected.size())));
                        }
                    }
                }
                conclude();
            }
            mend();
            publish();
            for (int round = 0; round < 3; round++) {
                connected.forEach(client -> {
                    while (!client.unread.isEmpty()) {
                        read(client);
                    }
                });
                conclude();
            }
            for (Client client : connected) {
                ProxyView desired = groups.get(client.group).view(seq);
                assertThat(Objects.requireNonNull(client.view).resources())
                        .as("%s, once nothing is refused", client)
                        .isEqualTo(desired.resources());
                assertThat(client.halts).isEmpty();
            }
            assertThat(stages.nextNanos()).isEqualTo(Stages.NEVER);
        }

        /** Never such that something refers to what is not there. */
        private void change() {
            String text = ++version + (random.nextInt(4) == 0 ? " refused" : "");
            int number = random.nextInt(4);
            boolean shared = random.nextBoolean();
            int first = random.nextInt(2);
            for (int i = 0; i < (shared ? 2 : 1); i++) {
                change(groups.get((first + i) % 2), text, number);
            }
        }

        private void change(Configs config, String text, int number) {
            switch (random.nextInt(6)) {
                case 0 -> config.with(CLUSTER, "c" + number, text).with(ENDPOINT, "c" + number, text);
                case 1 -> {
                    if (notReferredTo(config, ROUTE, "c" + number)) {
                        config.without(CLUSTER, "c" + number).without(ENDPOINT, "c" + number);
                    }
                }
                case 2 -> {
                    String[] clusters = some(config, CLUSTER);
                    config.with(ROUTE, "r" + number, text, clusters);
                }
                case 3 -> {
                    if (notReferredTo(config, LISTENER, "r" + number)) {
                        config.without(ROUTE, "r" + number);
                    }
                }
                case 4 -> config.with(LISTENER, "l" + number, text, some(config, ROUTE));
                default -> config.without(LISTENER, "l" + number);
            }
        }

        private String[] some(Configs config, XdsType type) {
            return names(config.resources(), type).keySet().stream()
                    .filter(name -> random.nextBoolean())
                    .toArray(String[]::new);
        }

        private static PSortedMap<String, XdsResource> names(
                Map<XdsType, PSortedMap<String, XdsResource>> resources, XdsType type) {
            return resources.getOrDefault(type, TreePMap.empty());
        }

        private static boolean notReferredTo(Configs config, XdsType by, String name) {
            return names(config.resources(), by).keySet().stream()
                    .noneMatch(each -> config.referencesOf(by, each).contains(name));
        }

        private void mend() {
            for (Configs config : groups) {
                for (XdsType type : List.of(CLUSTER, ROUTE, LISTENER)) {
                    for (String name : names(config.resources(), type).keySet()) {
                        config.with(
                                type,
                                name,
                                "mended " + ++version,
                                config.referencesOf(type, name).toArray(String[]::new));
                    }
                }
            }
        }

        private void publish() {
            seq++;
            List<Stages.Next<Client>> nexts = new ArrayList<>();
            ProxyView[] views = {groups.get(0).view(seq), groups.get(1).view(seq)};
            connected.forEach(client -> nexts.add(new Stages.Next<>(client, views[client.group], false)));
            forgetReplaced();
            stages.publish(Configs.at(seq), nexts, now).deliveries().forEach(this::told);
        }

        /** What another version took the place of is not halted any more; if it comes back it is tried again. */
        private void forgetReplaced() {
            Set<Integer> served = new HashSet<>();
            connected.forEach(client -> served.add(client.group));
            halted.removeIf(content -> served.stream()
                            .noneMatch(group -> isIn(content, groups.get(group).resources()))
                    && served.stream().anyMatch(group -> isIn(content, published.get(group))));
            for (int group = 0; group < groups.size(); group++) {
                published.set(group, groups.get(group).resources());
            }
        }

        private static boolean isIn(Content content, Map<XdsType, PSortedMap<String, XdsResource>> resources) {
            XdsResource found = names(resources, content.type()).get(content.name());
            return found != null && found.version().equals(content.version());
        }

        private void join() {
            String node = "proxy-" + random.nextInt(12);
            if (connected.stream().noneMatch(client -> client.node.equals(node))) {
                // What it is given has been published.
                publish();
                Client client = new Client(node, node.hashCode() & 1);
                connected.add(client);
                told(stages.join(client, node, groups.get(client.group).view(seq), now));
            }
        }

        private void conclude() {
            Stages.Conclusion<Client> over = stages.conclude(now, (by, type, refusal) -> refusal);
            if (over != null) {
                over.halts().forEach(halt -> halted.add(new Content(halt.type(), halt.name(), halt.version())));
                over.deliveries().forEach(this::told);
            }
        }

        private void told(Stages.Delivery<Client> delivery) {
            Client client = delivery.member();
            client.view = delivery.view();
            client.halts = delivery.part().halts();
            client.unread.add(delivery);
            if (delivery.part().wave() == 0) {
                isFit(client, delivery.view().resources());
            }
        }

        private void isFit(Client client, Map<XdsType, PSortedMap<String, XdsResource>> served) {
            for (PSortedMap<String, XdsResource> ofType : served.values()) {
                ofType.values()
                        .forEach(resource -> assertThat(halted)
                                .as("%s is served %s", client, resource)
                                .doesNotContain(Content.of(resource)));
            }
            References references = new References();
            for (int number = 0; number < 4; number++) {
                String cluster = "c" + number;
                String route = "r" + number;
                names(served, ROUTE).values().stream()
                        .filter(each -> references.has(each, cluster))
                        .forEach(each -> assertThat(names(served, CLUSTER)).containsKey(cluster));
                names(served, LISTENER).values().stream()
                        .filter(each -> references.has(each, route))
                        .forEach(each -> assertThat(names(served, ROUTE)).containsKey(route));
                if (names(served, CLUSTER).containsKey(cluster)) {
                    assertThat(names(served, ENDPOINT)).containsKey(cluster);
                }
            }
        }

        /** A canary takes what it was told next, and answers. */
        private void read(Client client) {
            Stages.Delivery<Client> next = client.unread.poll();
            if (next == null || next.part().wave() == 0) {
                return;
            }
            for (XdsType type : XdsType.values()) {
                List<XdsResource> fresh = new ArrayList<>();
                List<XdsResource> bad = new ArrayList<>();
                Map<String, String> held = client.held.computeIfAbsent(type, t -> new TreeMap<>());
                for (XdsResource resource : names(next.view().resources(), type).values()) {
                    if (!resource.version().equals(held.put(resource.name(), resource.version()))) {
                        fresh.add(resource);
                        if (resource.any().toStringUtf8().contains("refused")) {
                            bad.add(resource);
                        }
                    }
                }
                held.keySet().retainAll(names(next.view().resources(), type).keySet());
                stages.sent(client, fresh);
                if (bad.isEmpty()) {
                    stages.acknowledged(client, fresh);
                } else {
                    stages.refused(client, Configs.proxy(client.node), bad, Configs.refusal("no"));
                }
            }
            stages.settled(client, next.part().wave());
        }
    }
}
