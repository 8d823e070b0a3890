package io.meridian.model.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.meridian.model.position.Epoch;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.Position;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class LineageTest {
    private static final MeshId MESH = new MeshId("bookinfo");

    /** One region's log in the model: the epoch of each event (they stand at seq 1, 2, ...), and the lineage that was built beside it. */
    private record Branch(List<Epoch> epochs, Lineage lineage) {}

    @Test
    void aForkCutsOffWhatLiesBehindIt() {
        Lineage lineage =
                Lineage.EMPTY.plus(new Epoch(1), 0).plus(new Epoch(65), 10).plus(new Epoch(66), 20);

        assertThat(lineage.plus(new Epoch(130), 15).segments())
                .containsExactly(
                        new Lineage.Segment(new Epoch(1), 0),
                        new Lineage.Segment(new Epoch(65), 10),
                        new Lineage.Segment(new Epoch(130), 15));
        assertThat(lineage.plus(new Epoch(130), 10).segments())
                .containsExactly(new Lineage.Segment(new Epoch(1), 0), new Lineage.Segment(new Epoch(130), 10));
    }

    @Test
    void anEpochThatIsNotAboveWhatStaysIsRefused() {
        Lineage lineage = Lineage.EMPTY.plus(new Epoch(65), 0);

        assertThatThrownBy(() -> lineage.plus(new Epoch(65), 5)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> lineage.plus(new Epoch(1), 5)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void branchesOfDifferentOriginShareNothing() {
        Lineage one = Lineage.EMPTY.plus(new Epoch(1), 0);
        Lineage other = Lineage.EMPTY.plus(new Epoch(2), 0);

        assertThat(Lineage.fork(one, 5, other, 5)).isZero();
    }

    @Property(tries = 300)
    void theForkIsTheLongestSharedPrefix(@ForAll long seed) {
        Random random = new Random(seed);
        List<Branch> branches = branches(random);
        for (Branch a : branches) {
            for (Branch b : branches) {
                int aHead = random.nextInt(a.epochs().size() + 1);
                int bHead = random.nextInt(b.epochs().size() + 1);
                long expected = 0;
                while (expected < Math.min(aHead, bHead)
                        && a.epochs().get((int) expected).equals(b.epochs().get((int) expected))) {
                    expected++;
                }

                assertThat(Lineage.fork(a.lineage(), aHead, b.lineage(), bHead)).isEqualTo(expected);
                assertThat(Lineage.fork(b.lineage(), bHead, a.lineage(), aHead)).isEqualTo(expected);
            }
        }
    }

    @Property(tries = 100)
    void everySeqHasTheEpochThatWroteIt(@ForAll long seed) {
        for (Branch branch : branches(new Random(seed))) {
            int size = branch.epochs().size();
            Position head = position(branch.epochs().getLast(), size);
            for (int seq = 1; seq <= size; seq++) {
                Epoch epoch = branch.epochs().get(seq - 1);
                assertThat(branch.lineage().epochAt(seq)).isEqualTo(epoch);
                assertThat(branch.lineage().holds(position(epoch, seq), head)).isTrue();
                assertThat(branch.lineage().holds(position(new Epoch(epoch.value() + 1), seq), head))
                        .isFalse();
                assertThat(branch.lineage().lastSeqOf(epoch, size))
                        .isEqualTo(branch.epochs().lastIndexOf(epoch) + 1);
            }
            assertThat(branch.lineage().holds(position(branch.epochs().getLast(), size + 1), head))
                    .isFalse();
            assertThat(branch.lineage().holds(Position.before(MESH), head)).isTrue();
            assertThat(branch.lineage().epochAt(0)).isEqualTo(Epoch.NONE);
            assertThat(branch.lineage().lastSeqOf(new Epoch(1_000_000), size)).isZero();
        }
    }

    @Property(tries = 100)
    void aLineageSurvivesTheWire(@ForAll long seed) {
        for (Branch branch : branches(new Random(seed))) {
            assertThat(Lineage.of(branch.lineage().toProto())).isEqualTo(branch.lineage());
        }
    }

    /** Each branch goes on from a random event of an earlier one, in an epoch of its own that is above all before, as forced failovers do. */
    private static List<Branch> branches(Random random) {
        List<Branch> branches = new ArrayList<>();
        Epoch epoch = Epoch.NONE;
        for (int i = 0; i < 2 + random.nextInt(6); i++) {
            Branch parent = branches.isEmpty()
                    ? new Branch(List.of(), Lineage.EMPTY)
                    : branches.get(random.nextInt(branches.size()));
            int base = random.nextInt(parent.epochs().size() + 1);
            epoch = epoch.next(random.nextInt(3));
            List<Epoch> epochs = new ArrayList<>(parent.epochs().subList(0, base));
            for (int event = 0; event < 1 + random.nextInt(6); event++) {
                epochs.add(epoch);
            }
            branches.add(new Branch(epochs, parent.lineage().plus(epoch, base)));
        }
        return branches;
    }

    private static Position position(Epoch epoch, long seq) {
        return new Position(MESH, epoch, seq);
    }
}
