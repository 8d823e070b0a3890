package io.meridian.chaos.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class NetworkTest {
    private static final int SILENCE_MILLIS = 300;
    private static final int SOON_MILLIS = 10_000;

    @Test
    void oneWayBetweenRegionsIsThatWayOfBothTheirConnections() throws Exception {
        try (ServerSocket a = new ServerSocket(0, 4, InetAddress.getLoopbackAddress());
                ServerSocket b = new ServerSocket(0, 4, InetAddress.getLoopbackAddress());
                Network network = new Network()) {
            network.add("a", "b", new Link(0, b.getLocalPort()));
            network.add("b", "a", new Link(0, a.getLocalPort()));
            Socket aToB = new Socket(
                    InetAddress.getLoopbackAddress(), network.link("a", "b").port());
            Socket atB = b.accept();
            Socket bToA = new Socket(
                    InetAddress.getLoopbackAddress(), network.link("b", "a").port());
            Socket atA = a.accept();

            network.traffic("a", "b", Traffic.HELD);
            aToB.getOutputStream().write('1');
            atA.getOutputStream().write('2');
            bToA.getOutputStream().write('3');
            atB.getOutputStream().write('4');
            assertThat(read(atA)).isEqualTo('3');
            assertThat(read(aToB)).isEqualTo('4');
            nothingArrives(atB);
            nothingArrives(bToA);
            network.heal();
            assertThat(read(atB)).isEqualTo('1');
            assertThat(read(bToA)).isEqualTo('2');
        }
    }

    private static int read(Socket socket) throws IOException {
        socket.setSoTimeout(SOON_MILLIS);
        return socket.getInputStream().read();
    }

    private static void nothingArrives(Socket socket) throws IOException {
        socket.setSoTimeout(SILENCE_MILLIS);
        assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);
    }
}
