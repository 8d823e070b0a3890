package io.meridian.compiler.internal.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.meridian.model.position.MeshId;
import io.meridian.model.position.Position;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.pcollections.PSortedMap;

class GraphTest {
    private static final Position POSITION = Position.before(new MeshId("graph"));
    private static final Table<String, Integer> NUMBERS = new Table<>("numbers");
    /** What no query may know. */
    private static int outside;

    private final Store store = new Store();
    private final Graph graph = new Graph(store, POSITION);

    private void put(String name, int value) {
        store.put(NUMBERS, name, value);
        graph.advance(POSITION);
    }

    private record Parity(String name) implements Query<Boolean> {
        @Override
        public Boolean compute(Tracked view) {
            return view.row(NUMBERS, name).orElse(0) % 2 == 0;
        }
    }

    private record Text(String name) implements Query<String> {
        @Override
        public String compute(Tracked view) {
            return view.get(new Parity(name)) ? "even" : "odd";
        }
    }

    /** Looks at {@code b} only if {@code a} is even. */
    private record Choice() implements Query<String> {
        @Override
        public String compute(Tracked view) {
            return view.get(new Parity("a")) ? view.get(new Text("b")) : "none";
        }
    }

    private record Impure() implements Query<Integer> {
        @Override
        public Integer compute(Tracked view) {
            return view.row(NUMBERS, "a").orElse(0) + outside;
        }
    }

    private record Failing() implements Query<String> {
        @Override
        public String compute(Tracked view) {
            if (view.get(new Text("a")).equals("odd")) {
                throw new IllegalStateException("planted");
            }
            return "fine";
        }
    }

    private record Circle() implements Query<Integer> {
        @Override
        public Integer compute(Tracked view) {
            return view.get(new Circle());
        }
    }

    private record Numbered(Chunk<String> names) implements Query<PSortedMap<String, Boolean>> {
        @Override
        public PSortedMap<String, Boolean> compute(Tracked view) {
            Map<String, Boolean> all = new java.util.HashMap<>();
            names.forEach(name -> all.put(name, view.get(new Parity(name))));
            return view.sorted(all);
        }
    }

    private record All(List<Chunk<String>> chunks, String reader) implements Query<PSortedMap<String, Boolean>> {
        @Override
        public PSortedMap<String, Boolean> compute(Tracked view) {
            List<PSortedMap<String, Boolean>> parts = new ArrayList<>();
            chunks.forEach(chunk -> parts.add(view.get(new Numbered(chunk))));
            return view.union(parts);
        }
    }

    @Test
    void anEqualAnswerStopsAChange() {
        Answer<String> text = graph.hold(new Text("a"));
        assertThat(text.get()).isEqualTo("even");
        assertThat(graph.computations()).isEqualTo(2);

        put("a", 2);
        assertThat(text.get()).isEqualTo("even");
        assertThat(graph.computations()).isEqualTo(3);

        put("a", 3);
        assertThat(text.get()).isEqualTo("odd");
        assertThat(graph.computations()).isEqualTo(5);
    }

    @Test
    void whatNobodyRestsOnIsForgotten() {
        Answer<String> choice = graph.hold(new Choice());
        assertThat(choice.get()).isEqualTo("even");
        int whole = graph.size();

        put("a", 1);
        assertThat(choice.get()).isEqualTo("none");
        assertThat(graph.size()).isLessThan(whole);

        put("a", 2);
        put("b", 1);
        assertThat(choice.get()).isEqualTo("odd");
        assertThat(graph.size()).isEqualTo(whole);

        choice.close();
        assertThat(graph.size()).isZero();
    }

    @Test
    void heldTwiceIsForgottenWhenBothLetGo() {
        Answer<String> one = graph.hold(new Text("a"));
        Answer<String> other = graph.hold(new Text("a"));
        assertThat(one.get()).isSameAs(other.get());

        one.close();
        put("a", 1);
        assertThat(other.get()).isEqualTo("odd");

        other.close();
        assertThat(graph.size()).isZero();
    }

    @Test
    void aFailureLeavesNothingBehindAndHealsByItself() {
        put("a", 1);
        Answer<String> failing = graph.hold(new Failing());
        assertThatThrownBy(failing::get).hasMessage("planted");
        assertThatThrownBy(failing::get).hasMessage("planted");

        put("a", 2);
        assertThat(failing.get()).isEqualTo("fine");

        put("a", 3);
        assertThatThrownBy(failing::get).hasMessage("planted");
        failing.close();
        assertThat(graph.size()).isZero();
    }

    @Test
    void aCircleIsTold() {
        assertThatThrownBy(graph.hold(new Circle())::get).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void anAuditFindsWhoReadsWhatIsNotDeclared() {
        outside = 0;
        Answer<Integer> impure = graph.hold(new Impure());
        graph.hold(new Text("b")).get();
        assertThat(impure.get()).isZero();
        assertThat(Audit.of(graph)).isEmpty();

        outside = 7;
        assertThat(Audit.of(graph)).singleElement().asString().contains("Impure");
    }

    @Test
    void aUnionIsMadeOfItsPartsAndSharedByAllThatAreMadeOfThem() {
        List<String> names =
                IntStream.range(0, 1000).mapToObj(i -> "n" + (10_000 + i)).toList();
        List<Chunk<String>> chunks = Chunk.split(names, name -> name);
        Answer<PSortedMap<String, Boolean>> one = graph.hold(new All(chunks, "one"));
        Answer<PSortedMap<String, Boolean>> other = graph.hold(new All(chunks, "other"));
        assertThat(one.get()).hasSize(1000).isSameAs(other.get());

        long before = graph.computations();
        put("n10500", 1);
        assertThat(one.get()).hasSize(1000).containsEntry("n10500", false).containsEntry("n10501", true);
        assertThat(one.get()).isSameAs(other.get());
        assertThat(graph.computations() - before).isEqualTo(4);
        assertThat(Audit.of(graph)).isEmpty();
    }

    @Test
    void oneMemberMoreChangesFewChunks() {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < 2000; i++) {
            names.add("service-" + (10_000 + i) + ".default.svc.cluster.local");
        }
        List<Chunk<String>> before = Chunk.split(names, name -> name);
        names.add(700, "service-10699-x.default.svc.cluster.local");
        List<Chunk<String>> after = Chunk.split(names, name -> name);

        assertThat(before).hasSizeBetween(20, 250);
        assertThat(after.stream().flatMap(chunk -> chunk.members().stream())).containsExactlyElementsOf(names);
        List<Chunk<String>> others = new ArrayList<>(after);
        others.removeAll(before);
        assertThat(others).hasSizeLessThanOrEqualTo(4);
    }

    @Test
    void namesakesStayTogether() {
        List<String> names =
                IntStream.range(0, 2000).mapToObj(i -> "n" + (100 + i / 40)).toList();

        List<Chunk<String>> chunks = Chunk.split(names, name -> name);

        assertThat(chunks).hasSizeGreaterThan(1);
        for (int i = 1; i < chunks.size(); i++) {
            assertThat(chunks.get(i).members().getFirst())
                    .isNotEqualTo(chunks.get(i - 1).members().getLast());
        }
    }
}
