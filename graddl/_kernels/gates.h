/* The gates of recurrent networks: one time step, from the sums W x (all gates of a sequence beside
 * each other) and W h, and the same backward. B sequences, H units. */

/* y holds W x + b and becomes the state; s is W h. */
INLINE void JOIN(rnn_forward_, T)(npy_intp n, int relu, const T *s, T *y) {
    if (relu) {
        IVDEP for (npy_intp j = 0; j < n; j++) {
            T z = y[j] + s[j];
            y[j] = z <= 0 ? 0 : z;
        }
    } else {
        IVDEP for (npy_intp j = 0; j < n; j++) y[j] = FAST(tanh)(y[j] + s[j]);
    }
}

INLINE void JOIN(rnn_backward_, T)(npy_intp n, int relu, const T *y, const T *g, const T *gh,
        T *gz) {
    IVDEP for (npy_intp j = 0; j < n; j++) {
        T h = y[j], z = g[j] + gh[j];
        gz[j] = relu ? (h > 0 ? z : 0) : z * (1 - h * h);
    }
}

INLINE void JOIN(lstm_forward_, T)(npy_intp batch, npy_intp size, const T *s, const T *c, T *gates,
        T *h_new, T *c_new) {
    for (npy_intp b = 0; b < batch; b++) {
        const T *si = s + 4 * b * size, *sf = si + size, *sg = sf + size, *so = sg + size,
            *old = c + b * size;
        T *i = gates + 4 * b * size, *f = i + size, *g = f + size, *o = g + size;
        T *h = h_new + b * size, *new = c_new + b * size;
        IVDEP for (npy_intp j = 0; j < size; j++) {
            T vi = FAST(sigmoid)(i[j] + si[j]), vf = FAST(sigmoid)(f[j] + sf[j]);
            T vg = FAST(tanh)(g[j] + sg[j]), vo = FAST(sigmoid)(o[j] + so[j]);
            T v = vf * old[j] + vi * vg;
            i[j] = vi, f[j] = vf, g[j] = vg, o[j] = vo, new[j] = v;
            h[j] = vo * FAST(tanh)(v);
        }
    }
}

/* gy and gcy are what arrives at h and c of this step, gh and gc at the same from the step after;
 * gc becomes what goes to the step before. */
INLINE void JOIN(lstm_backward_, T)(npy_intp batch, npy_intp size, const T *gates, const T *c,
        const T *c_old, const T *gy, const T *gcy,
                                    const T *gh, T *gc, T *gz) {
    for (npy_intp b = 0; b < batch; b++) {
        const T *pi = gates + 4 * b * size, *pf = pi + size, *pg = pf + size, *po = pg + size;
        T *zi = gz + 4 * b * size, *zf = zi + size, *zg = zf + size, *zo = zg + size;
        IVDEP for (npy_intp j = 0; j < size; j++) {
            npy_intp k = b * size + j;
            T i = pi[j], f = pf[j], g = pg[j], o = po[j], tanh_c = FAST(tanh)(c[k]);
            T ah = gy[k] + gh[k], ac = gcy[k] + gc[k] + ah * o * (1 - tanh_c * tanh_c);
            zi[j] = ac * g * i * (1 - i);
            zf[j] = ac * c_old[k] * f * (1 - f);
            zg[j] = ac * i * (1 - g * g);
            zo[j] = ah * tanh_c * o * (1 - o);
            gc[k] = ac * f;
        }
    }
}

/* `inner` becomes W_hn h + b_hn, which the gate r multiplies. */
INLINE void JOIN(gru_forward_, T)(npy_intp batch, npy_intp size, const T *s, const T *h, T *gates,
        T *inner, T *h_new) {
    for (npy_intp b = 0; b < batch; b++) {
        const T *sr = s + 3 * b * size, *sz = sr + size, *sn = sz + size;
        T *r = gates + 3 * b * size, *z = r + size, *n = z + size;
        IVDEP for (npy_intp j = 0; j < size; j++) {
            npy_intp k = b * size + j;
            T vr = FAST(sigmoid)(r[j] + sr[j]), vz = FAST(sigmoid)(z[j] + sz[j]);
            T vn = FAST(tanh)(n[j] + vr * sn[j]);
            r[j] = vr, z[j] = vz, n[j] = vn, inner[k] = sn[j];
            h_new[k] = vn + vz * (h[k] - vn);
        }
    }
}

/* gi and gs are the gradients of the sums W x and W h; gh becomes what goes to the step before, but
 * for the part through W h. */
INLINE void JOIN(gru_backward_, T)(npy_intp batch, npy_intp size, const T *gates, const T *inner,
        const T *h_old, const T *gy, T *gh,
                                   T *gi, T *gs) {
    for (npy_intp b = 0; b < batch; b++) {
        const T *pr = gates + 3 * b * size, *pz = pr + size, *pn = pz + size;
        T *ir = gi + 3 * b * size, *iz = ir + size, *in = iz + size;
        T *sr = gs + 3 * b * size, *sz = sr + size, *sn = sz + size;
        IVDEP for (npy_intp j = 0; j < size; j++) {
            npy_intp k = b * size + j;
            T r = pr[j], z = pz[j], n = pn[j], a = gy[k] + gh[k];
            T an = a * (1 - z) * (1 - n * n), ar = an * inner[k] * r * (1 - r);
            T az = a * (h_old[k] - n) * z * (1 - z);
            ir[j] = sr[j] = ar, iz[j] = sz[j] = az, in[j] = an, sn[j] = an * r;
            gh[k] = a * z;
        }
    }
}

#if !T_IS_FLOAT
FUSED(rnn_forward, (int is_double, npy_intp n, int relu, const void *s, void *y), (n, relu, s, y))
FUSED(rnn_backward, (int is_double, npy_intp n, int relu, const void *y, const void *g,
       const void *gh, void *gz),
      (n, relu, y, g, gh, gz))
FUSED(lstm_forward, (int is_double, npy_intp batch, npy_intp size, const void *s, const void *c,
       void *gates, void *h_new, void *c_new),
      (batch, size, s, c, gates, h_new, c_new))
FUSED(lstm_backward, (int is_double, npy_intp batch, npy_intp size, const void *gates,
       const void *c, const void *c_old, const void *gy,
                      const void *gcy, const void *gh, void *gc, void *gz), (batch, size, gates, c,
                      c_old, gy, gcy, gh, gc, gz))
FUSED(gru_forward, (int is_double, npy_intp batch, npy_intp size, const void *s, const void *h,
       void *gates, void *inner, void *h_new),
      (batch, size, s, h, gates, inner, h_new))
FUSED(gru_backward, (int is_double, npy_intp batch, npy_intp size, const void *gates,
       const void *inner, const void *h_old, const void *gy,
                     void *gh, void *gi, void *gs), (batch, size, gates, inner, h_old, gy, gh, gi,
                     gs))
#endif
