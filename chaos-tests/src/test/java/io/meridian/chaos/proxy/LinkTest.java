package io.meridian.chaos.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.meridian.chaos.proxy.Link.Door;
import io.meridian.chaos.proxy.Link.Way;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class LinkTest {
    private static final int SOON_MILLIS = 10_000;
    /**
     * Long enough for a byte on loopback to arrive if nothing holds it back; a test that waits for it in vain proves nothing but fails
     * never wrongly.
     */
    private static final int SILENCE_MILLIS = 300;

    /** The far side: what it accepted, in order. */
    private final BlockingQueue<Socket> accepted = new LinkedBlockingQueue<>();

    private ServerSocket target;
    private Link link;

    LinkTest() throws IOException {
        target = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
        link = new Link(0, target.getLocalPort());
    }

    @BeforeEach
    void accept() {
        ServerSocket listener = target;
        Thread.ofVirtual().start(() -> {
            try {
                while (true) {
                    accepted.add(listener.accept());
                }
            } catch (IOException closed) {
                // The test is over.
            }
        });
    }

    @AfterEach
    void close() throws IOException {
        link.close();
        target.close();
    }

    /** Both ends of a connection through the link. */
    private record Ends(Socket client, Socket server) {
        static void send(Socket from, String text) throws IOException {
            from.getOutputStream().write(text.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        }

        static String receive(Socket at, int length) throws IOException {
            at.setSoTimeout(SOON_MILLIS);
            return new String(at.getInputStream().readNBytes(length), java.nio.charset.StandardCharsets.US_ASCII);
        }

        static void nothingArrives(Socket at) throws IOException {
            at.setSoTimeout(SILENCE_MILLIS);
            assertThatThrownBy(() -> at.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);
        }

        static void isReset(Socket at) throws IOException {
            at.setSoTimeout(SOON_MILLIS);
            assertThatThrownBy(() -> at.getInputStream().read())
                    .isInstanceOf(SocketException.class)
                    .hasMessageContaining("reset");
        }
    }

    private Socket connect() throws IOException {
        Socket client = new Socket();
        client.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), link.port()), SOON_MILLIS);
        return client;
    }

    private Ends open() throws Exception {
        Socket client = connect();
        Socket server = accepted.poll(SOON_MILLIS, TimeUnit.MILLISECONDS);
        assertThat(server).as("the link connects on").isNotNull();
        return new Ends(client, server);
    }

    @Test
    void bytesPassBothWaysInOrderAndTheEndOfOneWayLeavesTheOtherOpen() throws Exception {
        Ends ends = open();
        byte[] much = new byte[5_000_000];
        new Random(1).nextBytes(much);
        Thread sender = Thread.ofVirtual().start(() -> {
            try {
                ends.client().getOutputStream().write(much);
                ends.client().shutdownOutput();
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        byte[] received = ends.server().getInputStream().readAllBytes();
        sender.join();
        assertThat(Arrays.equals(received, much)).isTrue();
        Ends.send(ends.server(), "answer");
        assertThat(Ends.receive(ends.client(), 6)).isEqualTo("answer");
        ends.server().close();
        assertThat(ends.client().getInputStream().read()).isEqualTo(-1);
    }

    @Test
    void whatIsHeldOneWayArrivesLaterAndInOrderWhileTheOtherWayIsOpen() throws Exception {
        Ends ends = open();
        link.traffic(Way.FORWARD, Traffic.HELD);
        Ends.send(ends.client(), "one");
        Ends.send(ends.client(), "two");
        Ends.nothingArrives(ends.server());
        Ends.send(ends.server(), "back");
        assertThat(Ends.receive(ends.client(), 4)).isEqualTo("back");
        link.traffic(Way.FORWARD, Traffic.CLEAR);
        assertThat(Ends.receive(ends.server(), 6)).isEqualTo("onetwo");
    }

    @Test
    void theEndOfAConnectionIsHeldLikeItsBytes() throws Exception {
        Ends ends = open();
        link.traffic(Way.FORWARD, Traffic.HELD);
        ends.client().close();
        Ends.nothingArrives(ends.server());
        link.heal();
        ends.server().setSoTimeout(SOON_MILLIS);
        assertThat(ends.server().getInputStream().read()).isEqualTo(-1);
    }

    @Test
    void whatIsSwallowedNeverArrivesAndTheConnectionIsResetWhenItHeals() throws Exception {
        Ends ends = open();
        link.traffic(Way.BACKWARD, Traffic.SWALLOWED);
        Ends.send(ends.server(), "lost");
        Ends.nothingArrives(ends.client());
        link.heal();
        Ends.isReset(ends.client());
        Ends.isReset(ends.server());
        Ends again = open();
        Ends.send(again.server(), "kept");
        assertThat(Ends.receive(again.client(), 4)).isEqualTo("kept");
    }

    @Test
    void aConnectionThatLostNothingOutlivesTheSwallowing() throws Exception {
        Ends ends = open();
        link.traffic(Way.FORWARD, Traffic.SWALLOWED);
        link.heal();
        Ends.send(ends.client(), "still here");
        assertThat(Ends.receive(ends.server(), 10)).isEqualTo("still here");
    }

    @Test
    void latencyKeepsBytesUnderWayAndNoLongerOnceTheyLeft() throws Exception {
        Ends ends = open();
        Duration latency = Duration.ofMillis(200);
        link.traffic(Way.FORWARD, Traffic.delayed(latency, Duration.ofMillis(20)));
        long sent = System.nanoTime();
        Ends.send(ends.client(), "late");
        assertThat(Ends.receive(ends.server(), 4)).isEqualTo("late");
        assertThat(Duration.ofNanos(System.nanoTime() - sent)).isGreaterThanOrEqualTo(latency);
    }

    @Test
    void aNarrowLinkTakesAtLeastTheTimeThatItsBandwidthMeans() throws Exception {
        Ends ends = open();
        link.traffic(Way.FORWARD, Traffic.limited(100_000));
        long sent = System.nanoTime();
        ends.client().getOutputStream().write(new byte[40_000]);
        assertThat(ends.server().getInputStream().readNBytes(40_000)).hasSize(40_000);
        assertThat(Duration.ofNanos(System.nanoTime() - sent)).isGreaterThanOrEqualTo(Duration.ofMillis(390));
    }

    @Test
    void aResetEndsThePresentConnectionsOnBothSides() throws Exception {
        Ends ends = open();
        Ends.send(ends.client(), "x");
        assertThat(Ends.receive(ends.server(), 1)).isEqualTo("x");
        link.reset();
        Ends.isReset(ends.client());
        Ends.isReset(ends.server());
        assertThat(link.open()).isZero();
        Ends again = open();
        Ends.send(again.client(), "y");
        assertThat(Ends.receive(again.server(), 1)).isEqualTo("y");
    }

    @Test
    void aRefusingDoorRefusesNewConnectionsAndLeavesOldOnesAlone() throws Exception {
        Ends ends = open();
        link.door(Door.REFUSE);
        assertThatThrownBy(this::connect).isInstanceOf(ConnectException.class);
        Ends.send(ends.client(), "old");
        assertThat(Ends.receive(ends.server(), 3)).isEqualTo("old");
        link.door(Door.OPEN);
        Ends again = open();
        Ends.send(again.client(), "new");
        assertThat(Ends.receive(again.server(), 3)).isEqualTo("new");
    }

    @Test
    void aHalfOpenDoorAcceptsAndNeverAnswersAndResetsWhenItOpens() throws Exception {
        link.door(Door.HALF_OPEN);
        try (Socket client = connect()) {
            Ends.send(client, "anybody?");
            Ends.nothingArrives(client);
            assertThat(accepted).isEmpty();
            link.heal();
            Ends.isReset(client);
        }
        Ends again = open();
        Ends.send(again.client(), "now");
        assertThat(Ends.receive(again.server(), 3)).isEqualTo("now");
    }

    @Test
    void aLinkThatGoesByAnotherPortResetsWhatWentStraightAndKeepsItsFaults() throws Exception {
        Ends straight = open();
        try (ServerSocket other = new ServerSocket(0, 4, InetAddress.getLoopbackAddress())) {
            link.goBy(other.getLocalPort());
            Ends.isReset(straight.client());
            Ends.isReset(straight.server());
            Ends by = new Ends(connect(), other.accept());
            Ends.send(by.client(), "by");
            assertThat(Ends.receive(by.server(), 2)).isEqualTo("by");
            link.goBy(other.getLocalPort());
            link.traffic(Way.FORWARD, Traffic.HELD);
            Ends.send(by.client(), "later");
            Ends.nothingArrives(by.server());
            link.heal();
            assertThat(Ends.receive(by.server(), 5))
                    .as("neither going on nor healing ends it")
                    .isEqualTo("later");
            link.goStraight();
            Ends.isReset(by.client());
        }
        Ends again = open();
        Ends.send(again.client(), "straight");
        assertThat(Ends.receive(again.server(), 8)).isEqualTo("straight");
    }

    @Test
    void aTargetThatIsDownShowsAsAReset() throws Exception {
        target.close();
        // The reset may come before the connection is seen to be there.
        assertThatThrownBy(() -> {
                    try (Socket client = connect()) {
                        client.setSoTimeout(SOON_MILLIS);
                        client.getInputStream().read();
                    }
                })
                .isInstanceOf(SocketException.class)
                .hasMessageContaining("reset");
    }

    @Test
    void closingEndsEverything() throws Exception {
        Ends ends = open();
        link.close();
        Ends.isReset(ends.client());
        assertThatThrownBy(this::connect).isInstanceOf(ConnectException.class);
    }
}
