package io.meridian.gateway.internal.ads;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BytesBudgetTest {
    private final BytesBudget budget = new BytesBudget(800);
    private final List<String> turns = new ArrayList<>();

    @Test
    void whoWaitsGoesInOrderAndNobodyOvertakes() {
        budget.take(800);
        budget.await(() -> turns.add("a"));
        budget.await(() -> turns.add("b"));
        budget.giveBack(50);

        assertThat(turns).as("there is room for one turn of a hundred").containsExactly("a");
        assertThat(budget.hasRoom()).as("b waits, so nobody else may").isFalse();
        budget.take(100);
        budget.endTurn();
        assertThat(turns).containsExactly("a");
        budget.giveBack(100);
        assertThat(turns).containsExactly("a", "b");
    }

    @Test
    void noMoreTurnsAreGivenThanThereIsRoomFor() {
        budget.take(800);
        for (int i = 0; i < 20; i++) {
            budget.await(() -> turns.add("turn"));
        }

        budget.giveBack(800);

        assertThat(turns).hasSize(8);
    }

    @Test
    void aTurnThatSendsNothingGoesToTheNext() {
        budget.take(800);
        budget.await(() -> {
            turns.add("a");
            budget.endTurn();
        });
        budget.await(() -> turns.add("b"));

        budget.giveBack(1);

        assertThat(turns).containsExactly("a", "b");
    }

    @Test
    void whatIsNotReadDoesNotHoldUpOthersAndIsBounded() {
        budget.take(800);
        budget.await(() -> turns.add("a"));

        assertThat(budget.setApart(800)).isTrue();

        assertThat(turns).containsExactly("a");
        assertThat(budget.setApart(1)).isFalse();
        budget.readAfterAll(800);
        assertThat(budget.setApart(1)).isTrue();
    }
}
