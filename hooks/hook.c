/* SPDX-License-Identifier: MIT */
/* The program that Git calls. */
int main(void)
{
	return 0;
}
